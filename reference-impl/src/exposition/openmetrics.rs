//! OpenMetrics 1.0: a family's header.

use super::{Family, write_escaped, write_name};
use crate::mutant::Mutant;

/// HELP and TYPE, which carry the family's own name; quotes are escaped too.
pub(super) fn write_header(out: &mut String, family: &Family<'_>, help: &str, mutant: Option<Mutant>) {
    out.push_str("# HELP ");
    write_name(out, family.name, true);
    out.push(' ');
    write_escaped(out, help, b"\\\n\"");
    out.push('\n');
    if mutant == Some(Mutant::TypeMissing) {
        return;
    }
    out.push_str("# TYPE ");
    write_name(out, family.name, true);
    out.push(' ');
    out.push_str(family.kind.type_name());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use crate::exposition::{Family, Format, Sample, SampleName};
    use crate::file_name::Kind;

    #[test]
    fn a_counters_header_has_no_total_and_the_end_is_marked() {
        let sample = Sample {
            name: SampleName {
                stem: "jobs_total",
                suffix: "",
            },
            labels: [].into(),
            extra: None,
            value: 3.0,
        };
        let family = Family {
            name: "jobs",
            help: "\"Done\".",
            kind: Kind::Counter,
            samples: vec![sample],
        };
        let expected = "# HELP jobs \\\"Done\\\".\n# TYPE jobs counter\njobs_total 3.0\n# EOF\n";
        assert_eq!(Format::OpenMetrics.write(&[family], None), expected);
    }

    #[test]
    fn without_families_there_is_only_the_end() {
        assert_eq!(Format::OpenMetrics.write(&[], None), "# EOF\n");
    }
}
