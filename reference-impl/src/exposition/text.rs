//! Prometheus text 0.0.4: a family's header.

use super::{Family, write_escaped, write_name};
use crate::file_name::Kind;
use crate::mutant::Mutant;

/// HELP and TYPE; a counter's carry the name with `_total` (F4).
pub(super) fn write_header(out: &mut String, family: &Family<'_>, help: &str, mutant: Option<Mutant>) {
    let suffix = if family.kind == Kind::Counter {
        "_total"
    } else {
        ""
    };
    out.push_str("# HELP ");
    write_name(out, family.name, true);
    out.push_str(suffix);
    out.push(' ');
    write_escaped(out, help, b"\\\n");
    out.push('\n');
    if mutant == Some(Mutant::TypeMissing) {
        return;
    }
    out.push_str("# TYPE ");
    write_name(out, family.name, true);
    out.push_str(suffix);
    out.push(' ');
    out.push_str(family.kind.type_name());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use crate::exposition::{Extra, Family, Format, Sample, SampleName};
    use crate::file_name::Kind;

    #[test]
    fn m12_a_familys_text_is_header_then_samples_with_sorted_escaped_labels() {
        let bucket = Sample {
            name: SampleName {
                stem: "wait",
                suffix: "_bucket",
            },
            labels: [("a", "x\"\\\ny"), ("queue", "é")].into(),
            extra: Some(Extra::Le("+Inf".into())),
            value: 1e6,
        };
        let family = Family {
            name: "wait",
            help: "In \"queue\"\\\n.",
            kind: Kind::Histogram,
            samples: vec![bucket],
        };
        let expected = "# HELP wait In \"queue\"\\\\\\n.\n# TYPE wait histogram\n\
            wait_bucket{a=\"x\\\"\\\\\\ny\",le=\"+Inf\",queue=\"é\"} 1e+06\n";
        assert_eq!(Format::Text.write(&[family], None), expected);
    }

    #[test]
    fn a_counters_header_carries_total() {
        let family = Family {
            name: "jobs",
            help: "Done.",
            kind: Kind::Counter,
            samples: vec![],
        };
        let expected = "# HELP jobs_total Done.\n# TYPE jobs_total counter\n";
        assert_eq!(Format::Text.write(&[family], None), expected);
    }

    #[test]
    fn a_name_that_the_text_format_does_not_allow_gets_underscores() {
        let sample = Sample {
            name: SampleName {
                stem: "http.é",
                suffix: "",
            },
            labels: [("a.b", "1")].into(),
            extra: None,
            value: 0.0,
        };
        let family = Family {
            name: "http.é",
            help: "",
            kind: Kind::Summary,
            samples: vec![sample],
        };
        let text = Format::Text.write(&[family], None);
        assert!(text.ends_with("\nhttp__{a_b=\"1\"} 0.0\n"), "{text}");
    }
}
