//! The keys of entries: which series an entry is of.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Fault;
use crate::series::Labels;

/// A decoded key (F4): `[family, sample, {labels}, help]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Without `_total`.
    pub family: String,
    /// The sample's name, `_total`, `_sum` and the like included.
    pub sample: String,
    /// The labels, a bucket's `le` included; no `pid` unless a user's.
    pub labels: Labels,
    /// The HELP text.
    pub help: String,
}

impl Key {
    /// Decodes a key's bytes. A lone surrogate, which Python's decoder lets pass, is refused: the client fails to
    /// encode it when it serves the sample (C36).
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::KeyNotUtf8)?;
        type Parts = (String, String, BTreeMap<String, String>, String);
        let (family, sample, labels, help): Parts = serde_json::from_str(text).map_err(|error| {
            // The decoder quotes what it found, which may be all of the key.
            Fault::KeyNotJson {
                reason: error.to_string().chars().take(200).collect(),
            }
        })?;
        if family.is_empty() {
            return Err(Fault::NoFamily);
        }
        Ok(Self {
            family,
            sample,
            labels: Labels::new(labels),
            help,
        })
    }
}

/// The distinct keys of the files that are read together: each is decoded once, however many processes write it.
#[derive(Default)]
pub(super) struct Keys(HashMap<Box<[u8]>, Arc<Key>, foldhash::fast::RandomState>);

impl Keys {
    /// The key that those bytes encode.
    pub(super) fn decode(&mut self, bytes: &[u8]) -> Result<Arc<Key>, Fault> {
        if let Some(known) = self.0.get(bytes) {
            return Ok(Arc::clone(known));
        }
        let key = Arc::new(Key::parse(bytes)?);
        self.0.insert(bytes.into(), Arc::clone(&key));
        Ok(key)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_family_sample_labels_and_help_f4() {
        let key =
            Key::parse(br#"["jobs", "jobs_total", {"q": "\u00e9\ud83d\ude00"}, "Jobs \"done\"."]"#).unwrap();
        assert_eq!((key.family.as_str(), key.sample.as_str()), ("jobs", "jobs_total"));
        assert_eq!(key.labels.get("q"), Some("é😀"));
        assert_eq!(key.help, "Jobs \"done\".");
    }

    #[test]
    fn a_key_of_another_shape_is_a_fault_f4_m13() {
        for bytes in [
            "",
            "7",
            "[]",
            r#"["a", "a", {}]"#,
            r#"["a", "a", {}, "h", 1]"#,
            r#"["a", "a", {"l": 1}, "h"]"#,
            r#"["a", "a", {"l": "\ud800"}, "h"]"#,
            r#"["a", "a", [], "h"] x"#,
        ] {
            assert!(
                matches!(Key::parse(bytes.as_bytes()), Err(Fault::KeyNotJson { .. })),
                "{bytes}"
            );
        }
        assert_eq!(Key::parse(b"[\"\xff\"]"), Err(Fault::KeyNotUtf8));
        assert_eq!(Key::parse(br#"["", "a", {}, "h"]"#), Err(Fault::NoFamily));
    }
}
