//! A label set, kept as the text format writes it.

mod room;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str;

use bytes::Bytes;

use self::room::Room;

/// A label set: sorted by name (M12), each name once.
///
/// Most sets need no escape where they are written down. They are kept as that text, which costs one allocation, or
/// none where it is a part of an exposition that is kept anyway.
#[derive(Clone)]
pub struct Labels(Form);

/// Each set has one form only, so that equal sets are equal in form.
#[derive(Clone)]
enum Form {
    /// `a="x",b="y"`, UTF-8, of a set that [`is_plain`].
    Plain(Bytes),
    /// Any other, by name.
    Pairs(Box<[(String, String)]>),
}

impl Labels {
    /// Sorts `pairs` by name; of a name that comes twice the last value stays.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut pairs: Vec<(String, String)> = pairs.into_iter().collect();
        if !pairs.is_sorted_by(|one, next| one.0 < next.0) {
            // The sort is stable and the first of equals stays: reversed, that is the last one.
            pairs.reverse();
            pairs.sort_by(|one, other| one.0.cmp(&other.0));
            pairs.dedup_by(|next, kept| next.0 == kept.0);
        }
        let borrowed = || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        match borrowed().all(is_plain) {
            true => Self(Form::Plain(joined(borrowed()))),
            false => Self(Form::Pairs(pairs.into())),
        }
    }

    /// The set that `text` is, which must be as [`Self::fmt`] writes it: sorted, each name once, without escapes, and
    /// UTF-8.
    pub(crate) fn plain(text: Bytes) -> Self {
        let set = Self(Form::Plain(text));
        debug_assert!(set.iter().all(is_plain) && set.iter().is_sorted_by(|one, next| one.0 < next.0));
        set
    }

    /// Name and value of each label, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        match &self.0 {
            Form::Plain(text) => Pairs::Plain(plain_text(text)),
            Form::Pairs(pairs) => Pairs::Pairs(pairs.iter()),
        }
    }

    /// The value of label `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(have, _)| *have == name)
            .map(|(_, value)| value)
    }

    /// The same set without label `name`.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        if self.get(name).is_none() {
            return self.clone();
        }
        self.of(|have| have != name, None)
    }

    /// The same set with label `name` set to `value`, whatever it was.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        self.room_for(name).with(value)
    }

    /// Where label `name` goes: for whoever makes many sets of this one, which differ in its value.
    pub(crate) fn room_for<'set>(&'set self, name: &'set str) -> Room<'set> {
        Room::new(self, name)
    }

    /// Whether the set has no label.
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Form::Plain(text) if text.is_empty())
    }

    /// The set as between the braces of the text format.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match &self.0 {
            Form::Plain(text) => plain_text(text).into(),
            Form::Pairs(pairs) => escaped(pairs).into(),
        }
    }

    /// What is written before the label `name`, and behind it, whether the set has it or not.
    pub(crate) fn text_around(&self, name: &str) -> (Cow<'_, str>, Cow<'_, str>) {
        match &self.0 {
            Form::Plain(text) => {
                let (before, behind) = split(plain_text(text), name);
                (before.into(), behind.into())
            }
            Form::Pairs(pairs) => {
                let before = pairs.partition_point(|(have, _)| have.as_str() < name);
                let has = pairs.get(before).is_some_and(|(have, _)| have == name);
                let behind = &pairs[before + usize::from(has)..];
                (escaped(&pairs[..before]).into(), escaped(behind).into())
            }
        }
    }

    /// Whether both sets are the same but for label `name`, which either may have or not.
    pub(crate) fn same_but_for(&self, name: &str, other: &Self) -> bool {
        if let (Form::Plain(one), Form::Plain(other)) = (&self.0, &other.0)
            && let (Some(one), Some(other)) = (around(one, name), around(other, name))
        {
            return one == other;
        }
        let rest = |set: &Self| {
            set.iter()
                .filter(|(have, _)| *have != name)
                .map(owned)
                .collect::<Vec<_>>()
        };
        rest(self) == rest(other)
    }

    /// The labels that `kept` keeps, and one more.
    fn of(&self, kept: impl Fn(&str) -> bool, more: Option<(&str, &str)>) -> Self {
        let kept = || self.iter().filter(|(have, _)| kept(have));
        let before = || kept().take_while(|(have, _)| more.is_none_or(|(name, _)| *have < name));
        let behind = || kept().skip_while(|(have, _)| more.is_none_or(|(name, _)| *have < name));
        let all = || before().chain(more).chain(behind());
        match all().all(is_plain) {
            true => Self(Form::Plain(joined(all()))),
            false => Self(Form::Pairs(all().map(owned).collect())),
        }
    }
}

/// Whether a label can be told from its text without a look at escapes. Names of metric files may be anything.
fn is_plain((name, value): (&str, &str)) -> bool {
    !name.bytes().any(|byte| matches!(byte, b'=' | b'"'))
        && memchr::memchr3(b'"', b'\\', b'\n', value.as_bytes()).is_none()
}

fn joined<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Bytes {
    let length = pairs
        .clone()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    let mut text = String::with_capacity(length);
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push(',');
        }
        for part in [name, "=\"", value, "\""] {
            text.push_str(part);
        }
    }
    text.into()
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// As the text format writes labels of which some need an escape.
fn escaped(pairs: &[(String, String)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        let value = value
            .replace('\\', r"\\")
            .replace('\n', r"\n")
            .replace('"', "\\\"");
        let separator = if text.is_empty() { "" } else { "," };
        text.extend([separator, name, "=\"", &value, "\""]);
    }
    text
}

/// The labels of a plain text whose names are before `name`, and those whose names are behind it.
fn split<'a>(text: &'a str, name: &str) -> (&'a str, &'a str) {
    let mut rest = text;
    while let Some((have, _, next)) = first(rest) {
        if have >= name {
            let before = &text[..text.len() - rest.len()];
            let before = before.strip_suffix(',').unwrap_or(before);
            return (before, if have == name { next } else { rest });
        }
        rest = next;
    }
    (text, "")
}

fn plain_text(text: &Bytes) -> &str {
    str::from_utf8(text).expect("labels are made of text")
}

/// What stands before and behind the label `name` of a plain set; `None` where it is not there.
fn around<'a>(text: &'a Bytes, name: &str) -> Option<(&'a [u8], &'a [u8])> {
    let mut rest = plain_text(text);
    while let Some((have, _, next)) = first(rest) {
        if have == name {
            let at = text.len() - rest.len();
            return Some((&text[..at], next.as_bytes()));
        }
        rest = next;
    }
    None
}

/// Name and value of the first label in a plain text, and the text of those behind it.
fn first(text: &str) -> Option<(&str, &str, &str)> {
    let equals = memchr::memchr(b'=', text.as_bytes())?;
    let value = &text[equals + 2..];
    let quote = memchr::memchr(b'"', value.as_bytes()).expect("a value ends");
    let behind = &value[quote + 1..];
    Some((
        &text[..equals],
        &value[..quote],
        behind.strip_prefix(',').unwrap_or(behind),
    ))
}

/// The labels of a set, one by one.
#[derive(Clone)]
enum Pairs<'a> {
    Plain(&'a str),
    Pairs(std::slice::Iter<'a, (String, String)>),
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Plain(text) => {
                let (name, value, rest) = first(text)?;
                *text = rest;
                Some((name, value))
            }
            Self::Pairs(pairs) => pairs.next().map(|(name, value)| (name.as_str(), value.as_str())),
        }
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self(Form::Plain(Bytes::new()))
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Form::Plain(one), Form::Plain(other)) => one == other,
            (Form::Pairs(one), Form::Pairs(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for Labels {}

impl Hash for Labels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Form::Plain(text) => text.hash(state),
            Form::Pairs(pairs) => pairs.hash(state),
        }
    }
}

/// By the first label that differs: its name, then its value.
impl Ord for Labels {
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As between the braces of the text format.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        Labels::new(pairs.iter().copied().map(owned))
    }

    #[test]
    fn labels_are_sorted_and_the_last_of_a_name_stays_m12() {
        let set = labels(&[("b", "1"), ("a", "2"), ("b", "3")]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [("a", "2"), ("b", "3")]);
        assert_eq!(set, labels(&[("a", "2"), ("b", "3")]));
    }

    #[test]
    fn a_label_is_added_replaced_and_taken_away() {
        let set = labels(&[("b", "1")]);
        assert_eq!(set.with("a", "2"), labels(&[("a", "2"), ("b", "1")]));
        assert_eq!(set.with("b", "2"), labels(&[("b", "2")]));
        assert!(set.without("b").is_empty());
        assert_eq!((set.get("b"), set.get("a")), (Some("1"), None));
    }

    #[test]
    fn what_needs_an_escape_is_kept_as_well_as_what_needs_none() {
        for value in ["a\"b", "a\\b", "a\nb", "a,b=c", "é", ""] {
            let set = labels(&[("m", value), ("z", "1")]);
            assert_eq!(set.iter().collect::<Vec<_>>(), [("m", value), ("z", "1")]);
            assert_eq!(set.with("a", "x").without("a"), set);
            assert_eq!(set.with("m", "1"), labels(&[("m", "1"), ("z", "1")]));
            assert_eq!(labels(&[("z", "1")]).with("m", value), set);
        }
        // A metric file's key may name a label anything.
        let odd = labels(&[("a=\"", "x"), ("b", "y")]);
        assert_eq!(odd.iter().collect::<Vec<_>>(), [("a=\"", "x"), ("b", "y")]);
    }

    #[test]
    fn a_label_has_a_place_in_the_text_whether_it_is_there_or_not() {
        for value in ["x", "\"\n"] {
            let set = labels(&[("a", value), ("q", "1")]);
            for (name, before, behind) in [
                ("0", labels(&[]), set.clone()),
                ("a", labels(&[]), set.without("a")),
                ("le", set.without("q"), set.without("a")),
                ("z", set.clone(), labels(&[])),
            ] {
                assert_eq!(set.text_around(name), (before.text(), behind.text()), "{name}");
            }
        }
    }

    #[test]
    fn sets_are_ordered_by_their_labels_not_by_their_text() {
        let ascending = [
            labels(&[]),
            labels(&[("a", "x")]),
            labels(&[("a", "x"), ("b", "")]),
            labels(&[("a", "x y")]),
            labels(&[("a1", "x")]),
            labels(&[("b", "\n")]),
        ];
        assert!(ascending.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn sets_are_compared_but_for_one_label() {
        let set = labels(&[("a", "1"), ("le", "5.0"), ("z", "2")]);
        assert!(set.same_but_for("le", &set.with("le", "+Inf")));
        assert!(set.same_but_for("le", &set.without("le")));
        assert!(!set.same_but_for("le", &set.with("le", "+Inf").with("z", "3")));
        assert!(!set.same_but_for("le", &set.without("a")));
        assert!(
            set.with("a", "\n")
                .same_but_for("le", &set.with("a", "\n").without("le"))
        );
    }
}
