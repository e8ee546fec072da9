//! The key of an entry: `[family, sample, {labels}, help]` as JSON (F4).
//!
//! ```
//! use counterfoil_reference::key::Key;
//!
//! let key = Key {
//!     family: "jobs".to_owned(),
//!     sample: "jobs_total".to_owned(),
//!     labels: vec![("queue".to_owned(), "é".to_owned()), ("app".to_owned(), "😀".to_owned())],
//!     help: "Jobs \"done\".".to_owned(),
//! };
//! // Byte for byte what Python dumps, or two processes' entries would not be one series.
//! let text = r#"["jobs", "jobs_total", {"app": "\ud83d\ude00", "queue": "\u00e9"}, "Jobs \"done\"."]"#;
//! assert_eq!(key.encode(), text);
//! assert_eq!(Key::decode(text.as_bytes())?.encode(), text);
//! # Ok::<(), counterfoil_reference::key::KeyError>(())
//! ```

use std::fmt::Write;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use thiserror::Error;

/// A decoded key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The family's name, without a counter's `_total`.
    pub family: String,
    /// The sample's name.
    pub sample: String,
    /// The labels, sorted by name.
    pub labels: Vec<(String, String)>,
    /// The family's HELP.
    pub help: String,
}

/// Bytes that are no key.
#[derive(Debug, Error)]
#[error("the key is not [family, sample, {{labels}}, help] in JSON")]
pub struct KeyError(#[from] serde_json::Error);

impl Key {
    /// The text that Python's `json.dumps(key, sort_keys=True)` gives, byte for byte (F4).
    #[must_use]
    pub fn encode(&self) -> String {
        let mut labels: Vec<_> = self.labels.iter().collect();
        labels.sort();
        let mut text = String::from("[");
        write_json(&mut text, &self.family);
        text.push_str(", ");
        write_json(&mut text, &self.sample);
        text.push_str(", {");
        for (index, (name, value)) in labels.into_iter().enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            write_json(&mut text, name);
            text.push_str(": ");
            write_json(&mut text, value);
        }
        text.push_str("}, ");
        write_json(&mut text, &self.help);
        text.push(']');
        text
    }

    /// Decodes a key.
    ///
    /// # Errors
    /// If it is not UTF-8, not JSON or not of that form.
    pub fn decode(bytes: &[u8]) -> Result<Self, KeyError> {
        let (family, sample, labels, help): (Text, Text, Labels, Text) = serde_json::from_slice(bytes)?;
        Ok(Self {
            family: family.0,
            sample: sample.0,
            labels: labels.0,
            help: help.0,
        })
    }
}

/// Appends a JSON string as Python's encoder writes it: ASCII only, surrogate pairs.
fn write_json(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}").expect("a string takes everything");
                }
            }
        }
    }
    out.push('"');
}

/// Text in which a lone surrogate has become U+FFFD: Python can write one, UTF-8 cannot hold it (C36).
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl Visitor<'_> for TextVisitor {
            type Value = Text;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        // As bytes, because serde_json refuses a lone surrogate in a `String`.
        deserializer.deserialize_bytes(TextVisitor)
    }
}

/// The labels object. A name given twice keeps its last value, as in Python.
struct Labels(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LabelsVisitor;
        impl<'de> Visitor<'de> for LabelsVisitor {
            type Value = Labels;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of strings")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
                let mut labels: Vec<(String, String)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Text>()? {
                    labels.push((name, value.0));
                }
                // The last of a name comes first, and stays.
                labels.reverse();
                labels.sort_by(|(a, _), (b, _)| a.cmp(b));
                labels.dedup_by(|(name, _), (kept, _)| name == kept);
                Ok(Labels(labels))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Labels, A::Error> {
                Err(de::Error::custom("labels are an object"))
            }
        }
        deserializer.deserialize_map(LabelsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(value: &str) -> Key {
        Key {
            family: "jobs".into(),
            sample: "jobs_total".into(),
            labels: vec![("queue".into(), value.into()), ("a".into(), "1".into())],
            help: "Jobs \"done\".\n".into(),
        }
    }

    #[test]
    fn f4_the_key_is_what_python_dumps() {
        assert_eq!(
            key("é😀\u{7f}/").encode(),
            r#"["jobs", "jobs_total", {"a": "1", "queue": "\u00e9\ud83d\ude00\u007f/"}, "Jobs \"done\".\n"]"#
        );
    }

    #[test]
    fn f4_a_key_decodes_to_what_was_encoded_with_its_labels_sorted() {
        let mut sorted = key("é😀\\");
        let decoded = Key::decode(sorted.encode().as_bytes()).unwrap();
        sorted.labels.sort();
        assert_eq!(decoded, sorted);
    }

    #[test]
    fn c36_a_lone_surrogate_decodes_as_the_replacement_character() {
        let decoded = Key::decode(br#"["f", "f", {"path": "x\ud800"}, ""]"#).unwrap();
        assert!(decoded.labels[0].1.starts_with("x\u{fffd}"));
    }

    #[test]
    fn a_label_that_is_given_twice_keeps_its_last_value_as_in_python() {
        let decoded = Key::decode(br#"["f", "f", {"b": "3", "a": "1", "b": "2", "a": "0"}, ""]"#).unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(decoded.labels, [pair("a", "0"), pair("b", "2")]);
    }

    #[test]
    fn m13_what_is_not_a_key_is_an_error() {
        for bytes in [&b"{}"[..], b"[1]", b"[\"a\", \"b\", {}]", b"\xff", b""] {
            assert!(Key::decode(bytes).is_err());
        }
    }
}
