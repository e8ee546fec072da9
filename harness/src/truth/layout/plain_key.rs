//! Keys of Python clients in the form that nearly all of them have, taken apart without a JSON decoder.
//!
//! A directory has some ten thousand distinct keys, and decoding them by the book takes as long as merging their values.
//! What is not exactly as `json.dumps` writes it, sorted and without an escape, is left to the decoder.

use bytes::Bytes;

use super::KeyParts;
use crate::series::Labels;

/// What such a key holds besides its labels.
pub(in crate::truth) struct PlainKey<'key> {
    pub(in crate::truth) family: &'key str,
    pub(in crate::truth) sample: &'key str,
    /// `None` where the key has three parts (python-3key).
    pub(in crate::truth) help: Option<&'key str>,
}

/// Takes `["family", "sample", {"name": "value"}, "help"]` apart, and gives each label to `label`, by name, each once.
/// `None` for the decoder, when some labels may have been given already.
pub(in crate::truth) fn read<'key>(
    text: &'key str,
    label: impl FnMut(&'key str, &'key str),
) -> Option<PlainKey<'key>> {
    if is_odd(text) {
        return None;
    }
    let mut rest = Rest(text);
    rest.skip("[")?;
    let family = rest.string()?;
    rest.skip(", ")?;
    let sample = rest.string()?;
    rest.skip(", {")?;
    rest.labels(label)?;
    let help = match rest.skip(", ") {
        Some(()) => Some(rest.string()?),
        None => None,
    };
    (rest.0 == "]").then_some(PlainKey { family, sample, help })
}

/// Whether there is an escape, or what JSON has escaped: looked for in sixteen bytes at a time, in the last sixteen once more
/// where some of them would be left over.
pub(in crate::truth) fn is_odd(text: &str) -> bool {
    const AT_ONCE: usize = 16;
    let is_odd = |bytes: &[u8]| {
        let odd = |byte: &u8| u8::from(matches!(byte, ..b' ' | b'\\'));
        bytes.iter().fold(0, |known, byte| known | odd(byte)) != 0
    };
    let bytes = text.as_bytes();
    match bytes.last_chunk::<AT_ONCE>() {
        Some(last) => {
            let (chunks, _) = bytes.as_chunks::<AT_ONCE>();
            is_odd(last) || chunks.iter().any(|chunk| is_odd(chunk))
        }
        None => is_odd(bytes),
    }
}

/// The parts of a key that has a HELP text (python-16, python-8); `None` for the decoder.
pub(super) fn with_help(text: &str) -> Option<KeyParts<'_>> {
    let (key, labels) = with_labels(text)?;
    key.help.map(|help| parts(&key, labels, help))
}

/// The parts of a key without (python-3key); `None` for the decoder.
pub(super) fn without_help(text: &str) -> Option<KeyParts<'_>> {
    let (key, labels) = with_labels(text)?;
    key.help.is_none().then(|| parts(&key, labels, ""))
}

fn with_labels(text: &str) -> Option<(PlainKey<'_>, Labels)> {
    let mut labels = String::with_capacity(text.len());
    let key = read(text, |name, value| {
        let comma = if labels.is_empty() { "" } else { "," };
        [comma, name, "=\"", value, "\""]
            .into_iter()
            .for_each(|part| labels.push_str(part));
    })?;
    Some((key, Labels::plain(Bytes::copy_from_slice(labels.as_bytes()))))
}

fn parts<'key>(key: &PlainKey<'key>, labels: Labels, help: &'key str) -> KeyParts<'key> {
    KeyParts {
        family: key.family.into(),
        sample: key.sample.into(),
        labels,
        help: help.into(),
    }
}

/// A key's text, from where it is read on.
struct Rest<'key>(&'key str);

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

    /// What follows `{`, with the `}`: the labels in the order in which a set keeps them.
    fn labels(&mut self, mut label: impl FnMut(&'key str, &'key str)) -> Option<()> {
        if self.skip("}").is_some() {
            return Some(());
        }
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
            label(name, value);
            if self.skip("}").is_some() {
                return Some(());
            }
            self.skip(", ")?;
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
            r#"["a", "a", {"b": "\u00e9\u00e9"}, "h"]"#,
            r#"["a", "a", {"b": 1}, "h"]"#,
            r#"["a", "a", {"b": "1",}, "h"]"#,
            "[\"a\", \"a\", {}, \"h\n\"]",
            r#"["a", "a", {}]"#,
        ] {
            assert!(with_help(key).is_none(), "{key}");
        }
        assert!(without_help(r#"["a", "a", {}, "h"]"#).is_none());
    }

    #[test]
    fn an_escape_is_seen_wherever_it_stands_f4() {
        for length in 0..=50 {
            let plain = "é ~".repeat(length);
            let plain = &plain[..plain.floor_char_boundary(length)];
            assert!(!is_odd(plain), "{length}");
            for (at, _) in plain.char_indices() {
                for odd in ["\\", "\\\\", "\n", "\u{1f}", "\0"] {
                    let text = [&plain[..at], odd, &plain[at..]].concat();
                    assert!(is_odd(&text), "{text:?}");
                }
            }
        }
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
