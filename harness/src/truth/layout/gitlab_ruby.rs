//! gitlab-ruby: prometheus-client-mmap 0.16 (`value_access.c`, `mmaped_value.rb`), 0.16.2 in Debian 12.
//!
//! ```text
//! 0                 4                                       v            v+8
//! | key length: u32 | key: UTF-8 JSON | 1 to 8 blanks       | value: f64 |
//!
//! key:  ["jobs_total","jobs_total",["queue","zone"],["mail",7]]
//! ```
//!
//! The frame of python-8 (R2). A key has label names and values apart, neither HELP nor blanks between its parts,
//! and a label's value may be any JSON scalar (R3). A new file has one page (R1).

use serde::de::Error;
use serde_json::value::RawValue;

use super::{Form, KeyParts, python_3key, python_8};
use crate::series::Labels;

/// The client's JSON scanner has room for 200 tokens, five of which are no labels (R12).
const MAX_LABELS: usize = 97;

pub(super) const FORM: Form = Form {
    key_shape: "[family, sample, [label names], [label values]]",
    key,
    // The same as the Python clients that store none serve (R4).
    help: Some(python_3key::HELP),
    ignored_tail: size_of::<u32>(),
    initial_length: 4 << 10,
    ..python_8::FORM
};

/// R3.
fn key(text: &str) -> Result<KeyParts<'_>, serde_json::Error> {
    let (family, sample, names, values): (String, String, Vec<String>, Vec<&RawValue>) =
        serde_json::from_str(text)?;
    if names.len() != values.len() || names.len() > MAX_LABELS {
        let counts = format!("{} label names and {} values", names.len(), values.len());
        return Err(serde_json::Error::custom(counts));
    }
    let values: Result<Vec<String>, _> = values.into_iter().map(|value| label_value(value.get())).collect();
    Ok(KeyParts {
        family: family.into(),
        sample: sample.into(),
        labels: Labels::new(names.into_iter().zip(values?)),
        help: "".into(),
    })
}

/// Strings for themselves, nothing for `null`, and numbers and booleans for the text they are written with. The client
/// serves a string with its JSON escapes, which the text format has not all of (R14); this is what they stand for.
fn label_value(json: &str) -> Result<String, serde_json::Error> {
    match json {
        "null" => Ok(String::new()),
        _ if json.starts_with('"') => serde_json::from_str(json),
        _ if json.starts_with(['[', '{']) => Err(serde_json::Error::custom("a label's value is no scalar")),
        _ => Ok(json.to_owned()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    fn labels(key: &str) -> Vec<(String, String)> {
        let key = FORM.decode_key(key).unwrap();
        let pairs = key.labels.iter();
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn label_values_are_any_scalar_r3() {
        let key = r#"["c","c",["a","b","c","d","e"],["\u00e9\t\"",1,1.0e+20,null,true]]"#;
        let expected = [
            ("a", "é\t\""),
            ("b", "1"),
            ("c", "1.0e+20"),
            ("d", ""),
            ("e", "true"),
        ];
        assert_eq!(
            labels(key),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn as_many_names_as_values_and_no_more_than_97_r3_r12() {
        let many = |names: usize, values: usize| {
            serde_json::json!([
                "c",
                "c",
                (0..names).map(|at| format!("l{at}")).collect::<Vec<_>>(),
                vec!["v"; values]
            ])
            .to_string()
        };
        assert_eq!(labels(&many(97, 97)).len(), 97);
        for (names, values) in [(98, 98), (2, 1), (0, 1)] {
            assert!(FORM.decode_key(&many(names, values)).is_err());
        }
        for bad in [
            r#"["c","c",["a"],[["b"]]]"#,
            r#"["c","c",{"a":"b"}]"#,
            r#"["c","c",[],[],"h"]"#,
        ] {
            assert!(FORM.decode_key(bad).is_err(), "{bad}");
        }
    }
}
