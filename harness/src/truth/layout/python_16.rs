//! python-16: prometheus_client 0.18 and later (`mmap_dict.py`).
//!
//! ```text
//! 0                 4                                       v            v+8              v+16
//! | key length: i32 | key: UTF-8 JSON | 1 to 8 blanks       | value: f64 | timestamp: f64 |
//!
//! key:  ["jobs", "jobs_total", {"queue": "mail"}, "Jobs done."]
//! ```
//!
//! `v` is a multiple of 8, counted from the file's beginning (F3, F4). The timestamp is UNIX time in seconds (F8).

use std::collections::BTreeMap;

use super::{Form, KeyParts, plain_key};
use crate::series::Labels;
use crate::truth::entry::TIMESTAMP_AT;

pub(super) const FORM: Form = Form {
    key_shape: "[family, sample, labels, help]",
    key,
    help: None,
    value_length: TIMESTAMP_AT + size_of::<f64>(),
    ignored_tail: 0,
    initial_length: 64 << 10,
};

/// F4. A lone surrogate, which Python's decoder lets pass, is refused: the client fails to encode it when it serves
/// the sample (C36).
pub(super) fn key(text: &str) -> Result<KeyParts<'_>, serde_json::Error> {
    plain_key::with_help(text).map_or_else(|| decoded(text), Ok)
}

pub(super) fn decoded(text: &str) -> Result<KeyParts<'_>, serde_json::Error> {
    let (family, sample, labels, help): (String, String, BTreeMap<String, String>, String) =
        serde_json::from_str(text)?;
    Ok(KeyParts {
        family: family.into(),
        sample: sample.into(),
        labels: Labels::new(labels),
        help: help.into(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use crate::truth::Fault;
    use crate::truth::key::key_text;

    #[test]
    fn a_key_is_family_sample_labels_and_help_f4() {
        let key = super::FORM
            .decode_key(r#"["jobs", "jobs_total", {"q": "\u00e9\ud83d\ude00"}, "Jobs \"done\"."]"#)
            .unwrap();
        assert_eq!((&*key.family, &*key.sample), ("jobs", "jobs_total"));
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
                matches!(super::FORM.decode_key(bytes), Err(Fault::KeyNotJson { .. })),
                "{bytes}"
            );
        }
        assert_eq!(key_text(b"[\"\xff\"]").map(str::len), Err(Fault::KeyNotUtf8));
        assert_eq!(
            super::FORM.decode_key(r#"["", "a", {}, "h"]"#),
            Err(Fault::NoFamily)
        );
    }
}
