//! python-3key: prometheus_client up to 0.15 (`mmap_dict.py`).
//!
//! ```text
//! 0                 4                                       v            v+8
//! | key length: i32 | key: UTF-8 JSON | 1 to 8 blanks       | value: f64 |
//!
//! key:  ["jobs", "jobs_total", {"queue": "mail"}]
//! ```
//!
//! As python-8, without HELP: the client serves a text of its own for every family (`MP_METRIC_HELP`,
//! `multiprocess.py`). A new file has 1 MiB, sixteen times that of later clients.

use std::collections::BTreeMap;

use super::{Form, KeyParts, plain_key, python_8};
use crate::series::Labels;

/// What is served for HELP, whatever the metric's own text.
pub(super) const HELP: &str = "Multiprocess metric";

pub(super) const FORM: Form = Form {
    key_shape: "[family, sample, labels]",
    key,
    help: Some(HELP),
    initial_length: 1 << 20,
    ..python_8::FORM
};

fn key(text: &str) -> Result<KeyParts<'_>, serde_json::Error> {
    plain_key::without_help(text).map_or_else(|| decoded(text), Ok)
}

fn decoded(text: &str) -> Result<KeyParts<'_>, serde_json::Error> {
    let (family, sample, labels): (String, String, BTreeMap<String, String>) = serde_json::from_str(text)?;
    Ok(KeyParts {
        family: family.into(),
        sample: sample.into(),
        labels: Labels::new(labels),
        help: "".into(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    #[test]
    fn a_key_has_no_help_and_the_clients_text_stands_for_it() {
        let key = super::FORM
            .decode_key(r#"["jobs", "jobs_total", {"q": "a"}]"#)
            .unwrap();
        assert_eq!(
            (&*key.help, key.labels.get("q")),
            ("Multiprocess metric", Some("a"))
        );
        assert!(
            super::FORM
                .decode_key(r#"["jobs", "jobs_total", {}, "h"]"#)
                .is_err()
        );
    }
}
