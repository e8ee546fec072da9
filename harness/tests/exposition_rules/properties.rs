//! What holds for any text: no panic, bounded findings at real places; and for any exposition: it reads back.

use counterfoil::exposition::{
    Exemplar, Exposition, Family, MAX_FINDINGS, Parsed, Sample, go_float, openmetrics, text,
};
use counterfoil::series::{Labels, MetricType, Series};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use crate::found;

fn config() -> ProptestConfig {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/proptest-regressions/exposition_rules.txt"
    );
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(file))),
        ..Default::default()
    }
}

fn labels() -> impl Strategy<Value = Labels> {
    // `le` and `quantile` mean something, `__name__` is reserved.
    let name = "[a-dA-D_][a-z0-9]{0,2}";
    prop::collection::btree_map(
        name,
        any::<String>().prop_map(|text| text.replace('\r', "")),
        0..4,
    )
    .prop_map(Labels::new)
}

fn number() -> impl Strategy<Value = f64> {
    any::<u64>().prop_map(f64::from_bits)
}

/// A family of one sample a label set, so that only the writing is put to the test.
fn family(at: usize, kind: MetricType, timed: bool, exemplars: bool) -> impl Strategy<Value = Family> {
    let suffix = if kind == MetricType::Counter { "_total" } else { "" };
    let sample = (labels(), number(), 0_i64..1 << 44, labels());
    let help = prop::option::of("[^ \t\r][^\r]{0,20}");
    (help, prop::collection::vec(sample, 0..5)).prop_map(move |(help, samples)| {
        let mut family = Family::new(format!("f{at}"), kind);
        family.help = help;
        let mut seen = std::collections::BTreeSet::new();
        for (labels, value, milliseconds, own) in samples {
            if !seen.insert(labels.clone()) {
                continue;
            }
            let value = if kind == MetricType::Counter && (value.is_nan() || value < 0.0) {
                1.5
            } else {
                value
            };
            let mut sample = Sample::new(Series::new(format!("f{at}{suffix}"), labels), value);
            sample.timestamp = timed.then_some(milliseconds as f64 / 1000.0);
            let short = own
                .iter()
                .map(|(name, value)| name.chars().count() + value.chars().count())
                .sum::<usize>()
                <= 128;
            if exemplars && kind == MetricType::Counter && short {
                sample.exemplar = Some(Box::new(Exemplar {
                    labels: own,
                    value: 0.25,
                    timestamp: sample.timestamp,
                }));
            }
            family.samples.push(sample);
        }
        family
    })
}

fn exposition(exemplars: bool) -> impl Strategy<Value = Exposition> {
    let kind = prop::sample::select(vec![MetricType::Counter, MetricType::Gauge, MetricType::Unknown]);
    let kinds = prop::collection::vec((kind, any::<bool>()), 0..5);
    kinds.prop_flat_map(move |kinds| {
        let families: Vec<_> = kinds
            .into_iter()
            .enumerate()
            .map(|(at, (kind, timed))| family(at, kind, timed, exemplars).boxed())
            .collect();
        families.prop_map(|families| Exposition { families })
    })
}

/// Lines are the text's, and NaN is not equal to itself.
fn comparable(exposition: &Exposition) -> String {
    let mut exposition = exposition.clone();
    exposition
        .families
        .iter_mut()
        .flat_map(|family| &mut family.samples)
        .for_each(|sample| sample.line = 0);
    format!("{exposition:#?}")
}

fn is_sound(parsed: &Parsed, body: &[u8]) -> Result<(), TestCaseError> {
    prop_assert!(parsed.findings.len() <= MAX_FINDINGS + 1);
    let lines: Vec<&[u8]> = body.split(|byte| *byte == b'\n').collect();
    for finding in &parsed.findings {
        let line = lines
            .get(finding.line - 1)
            .ok_or_else(|| TestCaseError::fail(finding.to_string()))?;
        prop_assert!((1..=line.len() + 1).contains(&finding.column), "{}", finding);
        prop_assert!(finding.context.chars().count() <= 800 && !finding.context.contains(char::is_control));
        prop_assert!(finding.message.chars().count() <= 1000 && !finding.message.contains(char::is_control));
    }
    Ok(())
}

/// Text that is nearly right gets further than random bytes do.
fn almost_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "# HELP ",
        "# TYPE ",
        "# UNIT ",
        "# EOF",
        "a",
        "b",
        "_total",
        "_bucket",
        "_sum",
        "_count",
        "{",
        "}",
        "le",
        "=",
        "\"",
        "\\",
        "\\n",
        ",",
        " ",
        "  ",
        "\t",
        "\n",
        "\n",
        "\r",
        "1",
        "-2.5",
        "NaN",
        "+Inf",
        "counter",
        "gauge",
        "histogram",
        "summary",
        "#",
        " # {",
        "é",
        "\0",
        "quantile",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn text_that_is_written_reads_back(mut exposition in exposition(false)) {
        for family in &mut exposition.families {
            if family.kind == MetricType::Counter {
                family.name.push_str("_total");
            }
        }
        let body = text::write(&exposition);
        let parsed = text::parse(body.as_bytes());
        prop_assert_eq!(found(&parsed), [""; 0], "{}", body);
        prop_assert_eq!(comparable(&parsed.exposition), comparable(&exposition));
    }

    #[test]
    fn openmetrics_that_is_written_reads_back(exposition in exposition(true)) {
        let body = openmetrics::write(&exposition);
        let parsed = openmetrics::parse(body.as_bytes());
        prop_assert_eq!(found(&parsed), [""; 0], "{}", body);
        prop_assert_eq!(comparable(&parsed.exposition), comparable(&exposition));
    }

    #[test]
    fn a_float_that_is_written_reads_back(bits in any::<u64>()) {
        let value = f64::from_bits(bits);
        let read: f64 = go_float(value).parse().unwrap();
        prop_assert!(read.to_bits() == bits || (read.is_nan() && value.is_nan()));
    }

    #[test]
    fn no_bytes_make_a_parser_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        is_sound(&text::parse(&body), &body)?;
        is_sound(&openmetrics::parse(&body), &body)?;
    }

    #[test]
    fn no_text_that_is_nearly_right_makes_a_parser_panic(body in almost_text()) {
        is_sound(&text::parse(body.as_bytes()), body.as_bytes())?;
        is_sound(&openmetrics::parse(body.as_bytes()), body.as_bytes())?;
    }

    #[test]
    fn harm_to_a_written_text_is_read_without_panic(exposition in exposition(false), at in any::<prop::sample::Index>(), harm in any::<u8>()) {
        let mut body = text::write(&exposition).into_bytes();
        if !body.is_empty() {
            let at = at.index(body.len());
            body[at] = harm;
        }
        is_sound(&text::parse(&body), &body)?;
    }
}
