//! The parsers against the table of facts.

use std::collections::BTreeSet;
use std::path::Path;

use counterfoil::exposition::{Parsed, openmetrics, text};

use crate::facts::{self, Fact};

/// The rules of which `parsed` has findings.
fn rules(parsed: &Parsed) -> BTreeSet<&'static str> {
    parsed.findings.iter().map(|finding| finding.rule).collect()
}

/// Holds a parser to its facts; how many there are.
fn hold(facts: &[Fact], parse: impl Fn(&[u8]) -> Parsed) -> usize {
    let wrong: Vec<String> = facts
        .iter()
        .filter_map(|fact| {
            let Fact { by, why, .. } = fact;
            let parsed = parse(fact.body().as_bytes());
            let found = &parsed.findings;
            let differs = rules(&parsed) != by.iter().map(String::as_str).collect();
            differs.then(|| format!("{:?}: {why}: expected {by:?}, found {found:?}", fact.body()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    facts.len()
}

#[test]
fn openmetrics_is_accepted_and_refused_as_the_facts_have_it() {
    let held = hold(&facts::openmetrics(), openmetrics::parse);
    assert!(held >= 200, "{held}");
}

#[test]
fn text_is_accepted_and_refused_as_the_facts_have_it() {
    let held = hold(&facts::text(), text::parse);
    assert!(held >= 100, "{held}");
}

/// Everything that is found in the facts' bodies, a line each.
fn told() -> String {
    let text = facts::text();
    let text = text
        .iter()
        .map(|fact| ("text", text::parse(fact.body().as_bytes())));
    let openmetrics = facts::openmetrics();
    let openmetrics = openmetrics
        .iter()
        .map(|fact| ("openmetrics", openmetrics::parse(fact.body().as_bytes())));
    let mut told = String::new();
    for (format, parsed) in text.chain(openmetrics) {
        let lines = parsed
            .findings
            .iter()
            .map(|finding| format!("{format} {finding}\n"));
        told.extend(lines);
    }
    told
}

#[test]
fn every_breach_is_told_with_its_place_its_rule_and_its_surroundings() {
    let told = told();
    let expected = include_str!("findings.txt");
    // With `TELL=1` the file is written anew, to be read before it is committed.
    if std::env::var_os("TELL").is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exposition_rules/findings.txt");
        std::fs::write(file, &told).unwrap();
    }
    for (told, expected) in told.lines().zip(expected.lines()) {
        assert_eq!(told, expected);
    }
    assert_eq!(told.lines().count(), expected.lines().count());
}

#[test]
fn the_facts_are_of_both_kinds_each_once_and_a_difference_has_a_reason() {
    for facts in [facts::openmetrics(), facts::text()] {
        let accepted = facts.iter().filter(|fact| fact.is_accepted()).count();
        assert!(accepted >= 20 && facts.len() - accepted >= 60, "{accepted}");
        let bodies: BTreeSet<&str> = facts.iter().map(Fact::body).collect();
        assert_eq!(bodies.len(), facts.len());
        let mut reasons = facts
            .iter()
            .flat_map(|fact| [&fact.client, &fact.promtool])
            .flatten();
        assert!(reasons.all(|reason| reason.contains(' ')));
    }
}

#[test]
fn every_rule_has_a_fact() {
    let facts = facts::openmetrics().into_iter().chain(facts::text());
    // Bytes that are no text cannot stand in the table.
    let mut known: BTreeSet<String> = facts.flat_map(|fact| fact.by).collect();
    known.insert("invalid-utf8".to_owned());
    let declared = rules_in_source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/exposition"));
    assert!(declared.len() > 40, "{declared:?}");
    assert_eq!(
        declared.difference(&known).count(),
        0,
        "{:?}",
        declared.difference(&known)
    );
}

/// The second argument of every `findings.push`.
fn rules_in_source(folder: &Path) -> BTreeSet<String> {
    let mut rules = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap();
        for call in code.split("findings.push(").skip(1) {
            let argument = call.split('"').nth(1).unwrap();
            let before = call.split('"').next().unwrap();
            if !before.contains("||") {
                rules.insert(argument.to_owned());
            }
        }
    }
    rules
}
