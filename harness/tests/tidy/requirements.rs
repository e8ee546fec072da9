//! Requirement sets: what they name exists, and a draft is what the scenarios declare.

use std::fmt::Write as _;
use std::{env, fs};

use counterfoil::requirements::{RequirementSet, content};
use counterfoil::scenario::{Catalogue, Scenario};

use crate::traces::WRITE;
use crate::workspace::{File, Finding, none, root};

#[test]
fn what_a_requirement_set_names_is_there_for_good() {
    let catalogue = Catalogue::embedded().expect("it is tested elsewhere");
    let sets = RequirementSet::all().expect("each is a set");
    let findings = sets.iter().flat_map(|set| gone(set, &catalogue));
    let remedy = "leave it as it was: what a set names is permanent; what is to be asked in addition is another scenario";
    none(findings.collect(), remedy);
}

#[test]
fn a_draft_is_the_newest_set_and_what_the_scenarios_declare() {
    let catalogue = Catalogue::embedded().expect("it is tested elsewhere");
    let mut findings = Vec::new();
    for set in RequirementSet::all().expect("each is a set") {
        let path = path(set.number);
        let text = text(set.number, &catalogue.judging().collect::<Vec<_>>());
        if set.is_draft && env::var_os(WRITE).is_some() {
            fs::write(root().join(&path), &text).unwrap();
        }
        findings.extend(stale(&set, &File::read(&path), &text, &RequirementSet::numbers()));
    }
    let remedy =
        format!("{WRITE}=1 cargo test -p counterfoil --test tidy requirements, then read the difference");
    none(findings, &remedy);
}

fn path(number: u32) -> String {
    format!("harness/requirements/{number}.toml")
}

fn gone(set: &RequirementSet, catalogue: &Catalogue) -> Vec<Finding> {
    let finding = |what: String| File::made_up(&path(set.number), "").finding(1, what);
    let mut findings = Vec::new();
    for id in set.ids() {
        let scenario = catalogue.get(id).filter(|scenario| scenario.canary.is_none());
        let Some(scenario) = scenario else {
            findings.push(finding(format!("there is no scenario {id}")));
            continue;
        };
        let requirement = set.requirement(id).expect("it is one of its ids");
        let asked = scenario.checks();
        let missing = requirement.checks().filter(|check| !asked.contains(check));
        findings.extend(missing.map(|check| finding(format!("{id} does not ask for {check}"))));
        // A draft is written anew.
        if !set.is_draft && requirement.content != content(scenario) {
            findings.push(finding(format!("{id} is played otherwise than it was")));
        }
    }
    findings
}

fn stale(set: &RequirementSet, file: &File, text: &str, numbers: &[u32]) -> Vec<Finding> {
    let is_newest = numbers.iter().max() == Some(&set.number);
    let older = (set.is_draft && !is_newest).then(|| file.finding(1, "is a draft, and there is a newer set"));
    let other =
        (set.is_draft && file.text != text).then(|| file.finding(1, "is not what the scenarios declare"));
    older.into_iter().chain(other).collect()
}

/// The text of a draft.
fn text(number: u32, scenarios: &[&Scenario]) -> String {
    let mut text = format!(
        "# Requirement set {number}, for `counterfoil run --requirements {number}`: its scenarios, their levels, the checks that count,\n\
         # and a checksum of what is played.\n\
         # A draft is written by `{WRITE}=1 cargo test -p counterfoil --test tidy requirements`, out of what the scenarios\n\
         # declare. The release that ships it takes `draft` out, and from then on this file stays as it is.\n\
         draft = true\n\n[scenarios]\n"
    );
    for scenario in scenarios {
        let checks: Vec<String> = scenario
            .checks()
            .iter()
            .map(|check| format!("\"{check}\""))
            .collect();
        let (id, level, content) = (&scenario.id, scenario.level, content(scenario));
        let checks = checks.join(", ");
        let _ = writeln!(
            text,
            "\"{id}\" = {{ level = \"{level}\", checks = [{checks}], content = \"{content}\" }}"
        );
    }
    text
}

const SET: &str = "[scenarios]\n\"counter/sums-across-workers\" = { level = \"must\", checks = [\"scrape/available\"], content = \"CONTENT\" }\n";

#[test]
fn a_scenario_or_a_check_that_is_gone_or_played_otherwise_is_seen() {
    let catalogue = Catalogue::embedded().unwrap();
    let sums = content(catalogue.get("counter/sums-across-workers").unwrap());
    let of = |from: &str, to: &str| {
        let text = SET.replace(from, to).replace("CONTENT", &sums);
        gone(&RequirementSet::parse(7, &text).unwrap(), &catalogue).len()
    };
    assert_eq!(of("", ""), 0);
    assert_eq!(of("counter/sums-across-workers", "counter/sums-of-old"), 1);
    assert_eq!(of("counter/sums-across-workers", "counter/canary"), 1);
    assert_eq!(of("scrape/available", "fleet/no-orphans"), 1);
    assert_eq!(of("CONTENT", "00000000"), 1);
    assert_eq!(of("[scenarios]", "draft = true\n[scenarios]"), 0);
}

#[test]
fn a_draft_that_is_stale_or_not_the_newest_is_seen() {
    let frozen = RequirementSet::parse(7, SET).unwrap();
    let draft = RequirementSet::parse(7, &format!("draft = true\n{SET}")).unwrap();
    let file = File::made_up(&path(7), SET);
    assert_eq!(stale(&draft, &file, SET, &[6, 7]), []);
    assert_eq!(stale(&draft, &file, "", &[6, 7]).len(), 1);
    assert_eq!(stale(&draft, &file, SET, &[7, 8]).len(), 1);
    // A set that a release has does not follow the scenarios.
    assert_eq!(stale(&frozen, &file, "", &[7, 8]), []);
}
