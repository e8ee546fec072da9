//! The two text formats: findings have their places, and what has none can be written and read again.

use std::collections::BTreeSet;

use bytes::Bytes;
use counterfoil::exposition::{Exposition, MAX_FINDINGS, Parsed, openmetrics, text};

pub(crate) fn text(data: &[u8]) {
    let parsed = text::parse(data);
    assert_sound(&parsed, data);
    assert_same(&parsed, &text::parse_shared(&Bytes::copy_from_slice(data)));
    if parsed.findings.is_empty() && has_a_name_each(&parsed.exposition) {
        assert_same(&parsed, &text::parse(text::write(&parsed.exposition).as_bytes()));
    }
}

pub(crate) fn openmetrics(data: &[u8]) {
    let parsed = openmetrics::parse(data);
    assert_sound(&parsed, data);
    assert_same(&parsed, &openmetrics::parse_shared(&Bytes::copy_from_slice(data)));
    if parsed.findings.is_empty() {
        let written = openmetrics::write(&parsed.exposition);
        assert_same(&parsed, &openmetrics::parse(written.as_bytes()));
    }
}

/// From text to OpenMetrics and back, where that is possible.
pub(crate) fn both_formats(data: &[u8]) {
    let parsed = text::parse(data);
    if !parsed.findings.is_empty() {
        return;
    }
    let there = openmetrics::parse(openmetrics::write(&parsed.exposition).as_bytes());
    if !there.findings.is_empty() {
        return;
    }
    let back = text::parse(text::write(&there.exposition).as_bytes());
    assert!(back.findings.is_empty(), "{:?}", back.findings);
    let values = |exposition: &Exposition| -> Vec<u64> {
        exposition
            .samples()
            .map(|sample| sample.value.to_bits())
            .collect()
    };
    assert_eq!(values(&parsed.exposition), values(&back.exposition));
}

/// Every finding lies in the text, and says something of bounded length.
fn assert_sound(parsed: &Parsed, data: &[u8]) {
    assert!(parsed.findings.len() <= MAX_FINDINGS + 1);
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    for finding in &parsed.findings {
        let line = lines.get(finding.line - 1).expect("a finding is in a line");
        assert!((1..=line.len() + 1).contains(&finding.column), "{finding}");
        assert!(finding.context.chars().count() <= 800 && !finding.context.contains(char::is_control));
        assert!(finding.message.chars().count() <= 1000 && !finding.message.contains(char::is_control));
    }
    for sample in parsed.exposition.samples() {
        assert!((1..=lines.len()).contains(&sample.line), "{sample:?}");
    }
}

/// Whether each family has a header to itself. Text lets `h 3` follow `# TYPE h histogram`, as a family that nobody has
/// declared.
fn has_a_name_each(exposition: &Exposition) -> bool {
    let names: BTreeSet<&str> = exposition.families.iter().map(|family| &*family.name).collect();
    names.len() == exposition.families.len()
}

fn assert_same(one: &Parsed, other: &Parsed) {
    assert_eq!(one.findings, other.findings);
    assert_eq!(comparable(&one.exposition), comparable(&other.exposition));
}

/// Lines are the text's, and NaN is not equal to itself. Of a counter without samples nobody knows whether they would
/// be called `_total`, which is what text 0.0.4 then calls it.
fn comparable(exposition: &Exposition) -> String {
    let mut exposition = exposition.clone();
    for family in &mut exposition.families {
        family.samples.iter_mut().for_each(|sample| sample.line = 0);
        if family.samples.is_empty() {
            family.name = family.family_name().to_owned();
        }
    }
    format!("{exposition:#?}")
}
