//! What is wrong with a scenario or a manifest, in its author's words: what TOML's reader says names Rust's types, and
//! knows no remedy.

mod kind;
mod table;

use std::ops::Range;

use kind::{given, kind};
pub(crate) use table::read_table;

use crate::spelling::suggestion;

/// What is wrong with a text, where, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) at: Range<usize>,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

impl Complaint {
    /// About a text that could not be read.
    pub(crate) fn of(error: &toml::de::Error, text: &str) -> Self {
        let said = Said {
            at: error.span().unwrap_or(0..0),
            message: error.message(),
            text,
        };
        let complaint = said
            .unknown()
            .or_else(|| said.missing())
            .or_else(|| said.of_another_kind())
            .or_else(|| said.crowded())
            .or_else(|| said.empty())
            .or_else(|| said.unquoted());
        complaint.unwrap_or_else(|| Self {
            at: said.at.clone(),
            message: said.message.lines().collect::<Vec<_>>().join(", "),
            remedy: "from here on it is no TOML: a quote, a bracket or a comma is missing or too many, here or in \
                     the line before"
                .to_owned(),
        })
    }
}

/// What TOML's reader said, and about which text.
struct Said<'a> {
    at: Range<usize>,
    message: &'a str,
    text: &'a str,
}

impl Said<'_> {
    /// A key that is none, or a word that is none of those that may stand there.
    fn unknown(&self) -> Option<Complaint> {
        let is_key = self.message.starts_with("unknown field ");
        if !is_key && !self.message.starts_with("unknown variant ") {
            return None;
        }
        let mut words = self.message.split('`').skip(1).step_by(2);
        let given = words.next()?;
        let known: Vec<&str> = words.collect();
        // A step is named by its key, so to the reader it is a variant.
        let is_key = is_key || !self.pointed_at().starts_with(['"', '\'']);
        let (at, message, what) = if is_key {
            (
                self.place_of_key(given),
                format!("unknown key `{given}`"),
                "the keys here",
            )
        } else {
            let of = self.key().map_or_else(String::new, |key| format!(" for `{key}`"));
            (
                self.at.clone(),
                format!("unknown value `{given}`{of}"),
                "it is one of these",
            )
        };
        Some(Complaint {
            at,
            message,
            remedy: suggestion(given, &known, what),
        })
    }

    fn missing(&self) -> Option<Complaint> {
        let key = self.message.strip_prefix("missing field `")?.strip_suffix('`')?;
        let at = self.first_line();
        let place = if at.is_empty() {
            "before the first [table]"
        } else {
            "here"
        };
        Some(Complaint {
            message: format!("the key `{key}` is missing"),
            remedy: format!("add `{key} = …` {place}"),
            at,
        })
    }

    /// A value of another kind than the key takes.
    fn of_another_kind(&self) -> Option<Complaint> {
        let key = self.key();
        let subject = key.map_or_else(|| "this place".to_owned(), |key| format!("`{key}`"));
        let complaint = |wanted: &str, got: &str, remedy: &str| Complaint {
            at: self.at.clone(),
            message: format!("{subject} takes {wanted}, not {got}"),
            remedy: remedy.to_owned(),
        };
        if self.message == "wanted string or table" {
            let remedy = "write one of the words that it knows, in quotes";
            return Some(complaint("a word", self.pointed_at(), remedy));
        }
        let said = ["invalid type: ", "invalid value: "]
            .iter()
            .find_map(|start| self.message.strip_prefix(start))?;
        let (got, wanted) = said.rsplit_once(", expected ")?;
        let (wanted, remedy) = kind(wanted);
        Some(complaint(wanted, &given(got), remedy))
    }

    /// A list that must hold something.
    fn empty(&self) -> Option<Complaint> {
        let wanted = self.message.strip_prefix("invalid length 0, expected ")?;
        Some(Complaint {
            at: self.first_line(),
            message: format!("an empty list, where {wanted} must stand"),
            remedy: "write it as [\"…\", \"…\"]".to_owned(),
        })
    }

    /// A key that stands there twice; a step that does several things, or none.
    fn crowded(&self) -> Option<Complaint> {
        let (message, remedy) = match self.message {
            "duplicate key" => (
                format!("`{}` is there twice", self.pointed_at()),
                "remove one of the two",
            ),
            said if said.starts_with("wanted exactly 1 element") => {
                let none = said.ends_with("found 0 elements");
                let message = format!(
                    "this step does {}",
                    if none { "nothing" } else { "several things" }
                );
                (
                    message,
                    "give each thing that happens a [[steps]] of its own, with one key",
                )
            }
            _ => return None,
        };
        Some(Complaint {
            at: self.first_line(),
            message,
            remedy: remedy.to_owned(),
        })
    }

    /// No value, or a word without quotes, which the reader takes for the beginning of whatever it resembles.
    fn unquoted(&self) -> Option<Complaint> {
        let key = self.key()?;
        let word = self.pointed_at();
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/' | '@');
        let (message, remedy) = if word.trim().is_empty() && self.rest_of_line().is_empty() {
            let remedy = "write one behind the `=`: text in quotes, a number, a list in brackets";
            (format!("`{key}` has no value"), remedy.to_owned())
        } else if word.starts_with(char::is_alphabetic) && word.chars().all(is_word) {
            let message = format!("`{key}` has the value {word}, which is neither text nor a number");
            (message, format!("put text in quotes: {key} = \"{word}\""))
        } else {
            return None;
        };
        Some(Complaint {
            at: self.at.clone(),
            message,
            remedy,
        })
    }

    fn rest_of_line(&self) -> &str {
        let rest = self.text.get(self.at.start..).unwrap_or_default();
        rest.lines().next().unwrap_or_default().trim()
    }

    fn pointed_at(&self) -> &str {
        self.text.get(self.at.clone()).unwrap_or_default()
    }

    /// The first line of what is pointed at: nobody wants to be shown a whole table.
    fn first_line(&self) -> Range<usize> {
        let length = self.pointed_at().lines().next().map_or(0, str::len);
        self.at.start..self.at.start + length
    }

    /// The key itself, where the reader points at the table that holds it.
    fn place_of_key(&self, key: &str) -> Range<usize> {
        let table = self.pointed_at();
        let is_key = |at: &usize| {
            let (before, behind) = (&table[..*at], &table[at + key.len()..]);
            !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-')
                && behind.trim_start().starts_with('=')
        };
        match table.match_indices(key).map(|(at, _)| at).find(is_key) {
            Some(at) => self.at.start + at..self.at.start + at + key.len(),
            None => self.first_line(),
        }
    }

    /// The key whose value, or an entry of whose value, is pointed at.
    fn key(&self) -> Option<&str> {
        let before = self.text.get(..self.at.start)?.trim_end();
        let before = match before.strip_suffix('=') {
            Some(before) => before,
            None => before.rsplit_once('[')?.0.trim_end().strip_suffix('=')?,
        };
        let is_bare = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let key = before.trim_end().rsplit(|c: char| !is_bare(c)).next()?;
        (!key.is_empty()).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only refusals are looked at")]
    struct Sheet {
        title: String,
        #[serde(default)]
        sizes: Vec<f64>,
        #[serde(default)]
        words: Vec<Word>,
        code: Option<u8>,
        step: Option<Step>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        Must,
        Should,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code, reason = "only refusals are looked at")]
    enum Step {
        Wait(u32),
        Stop(u32),
    }

    /// What is pointed at, what is said, and what is to be done.
    fn refused(text: &str) -> (String, String, String) {
        let error = toml::from_str::<Sheet>(text).unwrap_err();
        let Complaint { at, message, remedy } = Complaint::of(&error, text);
        (text[at].to_owned(), message, remedy)
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_keys_that_there_are() {
        let (at, message, remedy) = refused("titel = 'x'");
        assert_eq!((at.as_str(), message.as_str()), ("titel", "unknown key `titel`"));
        assert_eq!(
            remedy,
            "did you mean `title`? the keys here: title, sizes, words, code, step"
        );
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_words_that_there_are() {
        let (at, message, remedy) = refused("title = 'x'\nwords = ['must', 'shuold']");
        assert_eq!(at, "'shuold'");
        assert_eq!(message, "unknown value `shuold` for `words`");
        assert_eq!(remedy, "did you mean `should`? it is one of these: must, should");
    }

    #[test]
    fn a_step_that_there_is_not_is_an_unknown_key() {
        let (at, message, _) = refused("title = 'x'\nstep = { wiat = 3 }");
        assert_eq!((at.as_str(), message.as_str()), ("wiat", "unknown key `wiat`"));
    }

    #[test]
    fn a_step_does_one_thing() {
        let (_, message, remedy) = refused("title = 'x'\nstep = { wait = 3, stop = 3 }");
        assert_eq!(message, "this step does several things");
        assert!(remedy.contains("[[steps]]"), "{remedy}");
        assert_eq!(refused("title = 'x'\nstep = {}").1, "this step does nothing");
    }

    #[test]
    fn a_missing_key_is_named() {
        let (at, message, remedy) = refused("sizes = [1.0]");
        assert_eq!(
            (at.as_str(), message.as_str()),
            ("", "the key `title` is missing")
        );
        assert_eq!(remedy, "add `title = …` before the first [table]");
    }

    #[test]
    fn a_value_of_another_kind_is_answered_without_the_names_of_rusts_types() {
        let (at, message, remedy) = refused("title = 3");
        assert_eq!(
            (at.as_str(), message.as_str()),
            ("3", "`title` takes text, not 3")
        );
        assert_eq!(remedy, "put it in quotes: \"…\"");
        assert_eq!(
            refused("title = 'x'\nsizes = [1, 'big']").1,
            "`sizes` takes a number, not the string \"big\""
        );
        assert_eq!(refused("title = 'x'\nsizes = 3").1, "`sizes` takes a list, not 3");
        assert_eq!(
            refused("title = 'x'\ncode = 256").1,
            "`code` takes a whole number from 0 to 255, not 256"
        );
        assert_eq!(
            refused("title = 'x'\nwords = [3]").1,
            "`words` takes a word, not 3"
        );
    }

    #[test]
    fn a_key_that_stands_there_twice_is_named() {
        let (at, message, _) = refused("title = 'x'\ntitle = 'y'");
        assert_eq!(
            (at.as_str(), message.as_str()),
            ("title", "`title` is there twice")
        );
    }

    #[test]
    fn a_value_that_is_missing_or_lacks_its_quotes_is_told_so() {
        let (at, message, remedy) = refused("title = two words");
        assert_eq!(at, "two words");
        assert_eq!(
            message,
            "`title` has the value two words, which is neither text nor a number"
        );
        assert_eq!(remedy, "put text in quotes: title = \"two words\"");
        assert_eq!(refused("title = \ncode = 3").1, "`title` has no value");
    }

    #[test]
    fn what_is_no_toml_is_said_to_be_none() {
        let (_, message, remedy) = refused("title = 'x'\n[step");
        assert!(!message.is_empty());
        assert!(remedy.contains("no TOML"), "{remedy}");
    }
}
