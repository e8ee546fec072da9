//! What a scenario says beside its steps.

use crate::bugs::{self, Known};
use crate::workspace::{File, Finding, files, lines_of, none, none_in, paths};

#[test]
fn scenarios_are_files_of_families_and_nothing_else() {
    none(
        strangers(&paths()),
        "name it `scenarios/<family>/<behaviour>.toml`: its path is its id",
    );
}

#[test]
fn every_scenario_says_why_it_is_there_and_ends_with_a_check() {
    none_in(
        &all(),
        flaws,
        "a reader must learn why, and what is not checked at the end is not judged",
    );
}

#[test]
fn every_rule_and_source_that_a_scenario_names_exists() {
    let known = Known::now();
    let remedy = "correct it, or list it: rules and bugs are in harness/docs";
    none_in(&all(), |file| unknown(file, &known), remedy);
}

fn all() -> Vec<File> {
    let files = files(&["toml"]);
    files.into_iter().filter(|file| file.is_in("scenarios")).collect()
}

fn strangers(paths: &[String]) -> Vec<Finding> {
    let is_scenario = |path: &str| path.ends_with(".toml") && path.split('/').count() == 3;
    let below = paths
        .iter()
        .filter(|path| path.starts_with("scenarios/") && !is_scenario(path));
    below
        .map(|path| File::made_up(path, "").finding(1, "is no scenario of a family"))
        .collect()
}

fn flaws(file: &File) -> Vec<Finding> {
    let scenario: toml::Table = file.text.parse().unwrap();
    let why = scenario
        .get("why")
        .and_then(toml::Value::as_str)
        .unwrap_or_default();
    let silent =
        (why.split_whitespace().count() < 3).then(|| file.finding(file.line_of("why"), "does not say why"));
    let last = scenario
        .get("steps")
        .and_then(toml::Value::as_array)
        .and_then(|steps| steps.last());
    let checks = last
        .and_then(|step| step.get("check"))
        .and_then(toml::Value::as_array);
    let last_step = file
        .text
        .rfind("[[steps]]")
        .map_or(1, |at| file.text[..at].lines().count() + 1);
    let unjudged = checks
        .is_none_or(Vec::is_empty)
        .then(|| file.finding(last_step, "does not end with a check"));
    silent.into_iter().chain(unjudged).collect()
}

fn unknown(file: &File, known: &Known) -> Vec<Finding> {
    let scenario: toml::Table = file.text.parse().unwrap();
    let named = |key: &str| {
        let values = scenario
            .get(key)
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten();
        values
            .filter_map(toml::Value::as_str)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let rules = named("rules")
        .into_iter()
        .filter(|rule| !known.rules.contains(rule));
    let sources = named("sources").into_iter().filter(|source| !known.has(source));
    rules
        .chain(sources)
        .map(|id| file.finding(file.line_of(&format!("\"{id}\"")), format!("there is no {id}")))
        .collect()
}

const SCENARIO: &str = "title = \"It holds\"\nwhy = \"Because it once did not.\"\nrules = [\"F1\"]\n\
                        sources = [\"C1\", \"a/b#594\"]\n[[steps]]\nwait = \"quiet\"\n[[steps]]\ncheck = [\"x/y\"]\n";

#[test]
fn a_scenario_that_says_no_why_or_checks_nothing_at_the_end_is_seen() {
    let of = |from: &str, to: &str| {
        lines_of(&flaws(&File::made_up(
            "scenarios/a/b.toml",
            &SCENARIO.replace(from, to),
        )))
    };
    assert!(of("", "").is_empty());
    assert_eq!(of("Because it once did not.", ""), [2]);
    assert_eq!(of("check = [\"x/y\"]", "wait = \"quiet\""), [7]);
    assert_eq!(of("\"x/y\"", ""), [7]);
}

#[test]
fn an_unknown_rule_or_source_of_a_scenario_is_seen() {
    let of = |from: &str, to: &str| {
        let file = File::made_up("scenarios/a/b.toml", &SCENARIO.replace(from, to));
        lines_of(&unknown(&file, &bugs::made_up()))
    };
    assert!(of("", "").is_empty());
    assert_eq!(of("F1", "F9"), [3]);
    assert_eq!(of("C1", "C9"), [4]);
    assert_eq!(of("a/b#594", "a/b#595"), [4]);
}

#[test]
fn what_is_no_scenario_is_seen() {
    let paths = [
        "scenarios/a/b.toml",
        "scenarios/b.toml",
        "scenarios/a/b.md",
        "harness/scenarios/x.md",
    ];
    assert_eq!(strangers(&paths.map(str::to_owned)).len(), 2);
}
