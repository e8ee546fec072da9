//! What keys have in common that differ in the values of their labels only, as all of a sample's do.

use super::super::layout::plain_key;

/// Everything of a key but its labels' values, and what is served of it.
pub(super) struct Template {
    labels: Vec<Label>,
    /// What stands before each label's value, one after the other: in the key, `, "queue": "`, and as it is served, `,queue="`.
    frames: String,
    /// Behind the last value: `}, "Jobs done."]`.
    end: String,
    /// Which of the labels is the one that a merge adds.
    added: Option<usize>,
    /// Before which of them that one stands.
    split: usize,
}

/// How long in the frames is what stands before a value in the key, and what is served before it, which follows.
struct Label {
    key: usize,
    text: usize,
}

/// What a template makes of a key.
pub(super) struct Filled<'key> {
    /// As in [`Decoded`](super::decoded::Decoded::split).
    pub(super) split: usize,
    /// As in [`Decoded`](super::decoded::Decoded::added).
    pub(super) added: Option<&'key str>,
}

/// By which its template is found: a key up to its labels.
pub(super) fn head(key: &str) -> Option<&str> {
    let end = memchr::memchr(b'{', key.as_bytes())?;
    Some(&key[..=end])
}

impl Template {
    /// That of a key and all that have its head; `None` where it is not as nearly all are.
    pub(super) fn of(key: &str, added: Option<&str>) -> Option<Self> {
        let mut names = Vec::new();
        plain_key::read(key, |name, _| names.push(name))?;
        let position = |found: &dyn Fn(&str) -> bool| names.iter().position(|name| found(name));
        let added_at = added.and_then(|added| position(&|name| name == added));
        let split = added.and_then(|added| position(&|name| added <= name));
        let mut rest = &key[head(key)?.len()..];
        let mut labels: Vec<Label> = Vec::with_capacity(names.len());
        let mut frames = String::with_capacity(2 * key.len());
        let mut is_first = true;
        for (at, name) in names.iter().enumerate() {
            let start = frames.len();
            let commas = [if at == 0 { "" } else { ", " }, if is_first { "" } else { "," }];
            frames.extend([commas[0], "\"", name, "\": \""]);
            (_, rest) = value(rest, &frames[start..])?;
            let key = frames.len() - start;
            frames.extend([commas[1], name, "=\""]);
            is_first = is_first && added_at == Some(at);
            labels.push(Label {
                key,
                text: frames.len() - start - key,
            });
        }
        Some(Self {
            split: split.unwrap_or(labels.len()),
            labels,
            frames,
            end: rest.to_owned(),
            added: added_at,
        })
    }

    /// Writes the labels of a key of that head to `text`, which is emptied first, less the one that a merge adds. `None` where the
    /// key is of another template after all.
    pub(super) fn fill<'key>(&self, key: &'key str, head: &str, text: &mut String) -> Option<Filled<'key>> {
        text.clear();
        // What is before and behind the labels is as in a key that was not odd.
        let mut rest = key[head.len()..].strip_suffix(&*self.end)?;
        if plain_key::is_odd(rest) {
            return None;
        }
        let (mut split, mut added) = (None, None);
        let mut frames = &*self.frames;
        for (at, label) in self.labels.iter().enumerate() {
            let (in_key, in_text, of_label);
            (in_key, frames) = frames.split_at(label.key);
            (in_text, frames) = frames.split_at(label.text);
            (of_label, rest) = value(rest, in_key)?;
            if at == self.split {
                split = Some(text.len());
            }
            if Some(at) == self.added {
                added = Some(&of_label[..of_label.len() - 1]);
            } else {
                text.push_str(in_text);
                text.push_str(of_label);
            }
        }
        let split = split.unwrap_or(text.len());
        rest.is_empty().then_some(Filled { split, added })
    }
}

/// A label's value with the quote behind it, and what follows.
fn value<'key>(rest: &'key str, before: &str) -> Option<(&'key str, &'key str)> {
    let rest = rest.strip_prefix(before)?;
    let end = memchr::memchr(b'"', rest.as_bytes())?;
    Some(rest.split_at(end + 1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use proptest::prelude::*;

    use super::super::super::Layout;
    use super::super::decoded::Decoded;
    use super::*;

    const MAIL: &str = r#"["jobs", "jobs_total", {"at": "here", "queue": "mail"}, "Jobs."]"#;

    /// The labels, where the added one stands, and what it is.
    fn filled(template: &Template, key: &str) -> Option<(String, usize, Option<String>)> {
        let mut text = "what was there".to_owned();
        let filled = template.fill(key, head(key)?, &mut text)?;
        Some((text, filled.split, filled.added.map(str::to_owned)))
    }

    #[test]
    fn a_key_of_other_values_is_told_by_the_template_f4() {
        let key = r#"["jobs", "jobs_total", {"at": "}, ", "queue": ""}, "Jobs."]"#;
        for (added, labels, split, value) in [
            (None, r#"at="}, ",queue="""#, 17, None),
            (Some("at"), r#"queue="""#, 0, Some("}, ")),
            (Some("le"), r#"at="}, ",queue="""#, 8, None),
            (Some("queue"), r#"at="}, ""#, 8, Some("")),
            (Some("zone"), r#"at="}, ",queue="""#, 17, None),
        ] {
            let template = Template::of(MAIL, added).unwrap();
            let expected = (labels.to_owned(), split, value.map(str::to_owned));
            assert_eq!(filled(&template, key), Some(expected), "{added:?}");
        }
    }

    #[test]
    fn a_key_that_differs_otherwise_is_of_no_template_f4() {
        let template = Template::of(MAIL, None).unwrap();
        for other in [
            r#"["jobs", "jobs_total", {"at": "here", "queue": "mail"}, "Others."]"#,
            r#"["jobs", "jobs_total", {"at": "here", "queue": "mail"}]"#,
            r#"["jobs", "jobs_total", {"at": "here", "queues": "mail"}, "Jobs."]"#,
            r#"["jobs", "jobs_total", {"at": "here"}, "Jobs."]"#,
            r#"["jobs", "jobs_total", {"at": "here", "queue": "mail", "z": ""}, "Jobs."]"#,
            r#"["jobs", "jobs_total", {"at": "he\\u0072e", "queue": "mail"}, "Jobs."]"#,
            "[\"jobs\", \"jobs_total\", {\"at\": \"a\nb\", \"queue\": \"mail\"}, \"Jobs.\"]",
            r#"["jobs", "jobs_total", {"at": "here", "queue": "mail"#,
        ] {
            assert_eq!(filled(&template, other), None, "{other}");
        }
        assert!(Template::of(r#"["a{", "a{", {"b": "1"}, ""]"#, None).is_none());
        assert!(Template::of(r#"["a", "a", {"b": "\u00e9"}, ""]"#, None).is_none());
        assert!(head("[").is_none());
    }

    proptest! {
        #[test]
        fn a_decoder_makes_the_same_of_it_f4(
            names in prop::collection::btree_set("[a-d]{1,2}", 0..4),
            values in prop::collection::vec("[a-b=,{}é ]{0,3}", 8),
            added in prop::option::of("[a-d]{1,2}"),
        ) {
            let key = |values: &[String]| {
                let labels: Vec<String> =
                    names.iter().zip(values).map(|(name, value)| format!("\"{name}\": \"{value}\"")).collect();
                format!(r#"["f", "f_total", {{{}}}, "h{{}}"]"#, labels.join(", "))
            };
            let template = Template::of(&key(&values[..4]), added.as_deref()).unwrap();
            let other = key(&values[4..]);
            let mut labels = String::new();
            let decoded = Decoded::by_the_decoder(Layout::Python16, &other, added.as_deref(), &mut labels).unwrap();
            let expected = (labels, decoded.split, decoded.added.map(|added| added.into_owned()));
            prop_assert_eq!(filled(&template, &other), Some(expected));
        }
    }
}
