//! Keys of Python clients in the form that nearly all of them have, taken apart without a JSON decoder.
//!
//! A directory has some ten thousand distinct keys, and decoding them by the book takes as long as merging their values.
//! What is not exactly as `json.dumps` writes it, sorted and without an escape, is left to the decoder.

use bytes::Bytes;

use super::KeyParts;
use crate::series::Labels;

/// A key's text, from where it is read on.
struct Rest<'key>(&'key str);

/// Family, sample and labels of `["family", "sample", {"name": "value"}…`, and what stands behind.
fn head<'key>(text: &'key str) -> Option<(KeyParts<'key>, Rest<'key>)> {
    // All of it, though one would do: that is sixteen bytes at a time.
    let is_odd = |byte: u8| byte < b' ' || byte == b'\\';
    if text.bytes().fold(false, |odd, byte| odd | is_odd(byte)) {
        return None;
    }
    let mut rest = Rest(text);
    rest.skip("[")?;
    let family = rest.string()?;
    rest.skip(", ")?;
    let sample = rest.string()?;
    rest.skip(", {")?;
    let labels = rest.labels()?;
    let parts = KeyParts {
        family: family.into(),
        sample: sample.into(),
        labels,
        help: "".into(),
    };
    Some((parts, rest))
}

/// The parts of a key that has a HELP text (python-16, python-8); `None` for the decoder.
pub(super) fn with_help(text: &str) -> Option<KeyParts<'_>> {
    let (parts, mut rest) = head(text)?;
    rest.skip(", ")?;
    let help = rest.string()?;
    (rest.0 == "]").then(|| KeyParts {
        help: help.into(),
        ..parts
    })
}

/// The parts of a key without (python-3key), less the HELP; `None` for the decoder.
pub(super) fn without_help(text: &str) -> Option<KeyParts<'_>> {
    let (parts, rest) = head(text)?;
    (rest.0 == "]").then_some(parts)
}

impl<'key> Rest<'key> {
    fn skip(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// A string without its quotes. It has no escape, so it ends at the next one.
    fn string(&mut self) -> Option<&'key str> {
        self.skip("\"")?;
        let end = memchr::memchr(b'"', self.0.as_bytes())?;
        let (string, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        Some(string)
    }

    /// What follows `{`, with the `}`: the labels by name, each once, as a set keeps them.
    fn labels(&mut self) -> Option<Labels> {
        if self.skip("}").is_some() {
            return Some(Labels::default());
        }
        let mut text = String::with_capacity(self.0.len());
        let mut before: Option<&str> = None;
        loop {
            let name = self.string()?;
            self.skip(": ")?;
            let value = self.string()?;
            let is_in_order = before.is_none_or(|before| before < name);
            if !is_in_order || name.contains('=') {
                return None;
            }
            before = Some(name);
            for part in [name, "=\"", value, "\""] {
                text.push_str(part);
            }
            if self.skip("}").is_some() {
                return Some(Labels::plain(Bytes::copy_from_slice(text.as_bytes())));
            }
            self.skip(", ")?;
            text.push(',');
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_usual_key_needs_no_decoder_f4() {
        let key = with_help(r#"["jobs", "jobs_total", {"a": "x y", "q": "é"}, "Jobs done."]"#).unwrap();
        assert_eq!(
            (&*key.family, &*key.sample, &*key.help),
            ("jobs", "jobs_total", "Jobs done.")
        );
        assert_eq!(key.labels.to_string(), r#"a="x y",q="é""#);
        assert!(without_help(r#"["up", "up", {}]"#).unwrap().labels.is_empty());
    }

    #[test]
    fn whatever_is_out_of_the_usual_is_left_to_the_decoder_f4() {
        for key in [
            "",
            r#"["a", "a", {}, "h"] "#,
            r#"["a","a",{},"h"]"#,
            r#"["a", "a", {"b": "1", "a": "2"}, "h"]"#,
            r#"["a", "a", {"b": "1", "b": "2"}, "h"]"#,
            r#"["a", "a", {"b=": "1"}, "h"]"#,
            r#"["a", "a", {"b": "\u00e9"}, "h"]"#,
            r#"["a", "a", {"b": 1}, "h"]"#,
            r#"["a", "a", {"b": "1",}, "h"]"#,
            "[\"a\", \"a\", {}, \"h\n\"]",
            r#"["a", "a", {}]"#,
        ] {
            assert!(with_help(key).is_none(), "{key}");
        }
        assert!(without_help(r#"["a", "a", {}, "h"]"#).is_none());
    }

    proptest! {
        #[test]
        fn a_decoder_makes_the_same_of_it_f4(
            family in "[a-c=é\\\\\" ]{1,3}",
            labels in prop::collection::vec(("[a-c=]{0,2}", "[a-b\\\\\"=,{}é\n ]{0,3}"), 0..4),
            help in "[a\\\\\" ]{0,3}",
        ) {
            let map: serde_json::Map<String, serde_json::Value> =
                labels.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
            let spaced = |value: serde_json::Value| value.to_string();
            let pairs: Vec<String> = map
                .iter()
                .map(|(name, value)| format!("{}: {value}", spaced(name.as_str().into())))
                .collect();
            let json = |text: &str| spaced(text.into());
            let key = format!("[{0}, {0}, {{{1}}}, {2}]", json(&family), pairs.join(", "), json(&help));
            if let Some(plain) = with_help(&key) {
                let decoded = super::super::python_16::decoded(&key).unwrap();
                prop_assert_eq!(plain, decoded);
            }
        }
    }
}
