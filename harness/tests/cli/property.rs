//! `counterfoil run --property`: what a reader gets of a program that fails.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::{Counterfoil, stdout};

#[test]
fn programs_that_pass_are_planned_judged_and_exercised_like_scenarios() {
    let mut run = Counterfoil::run(&["--property", "3", "--seed", "5"]);
    run.exits(0)
        .stdout(contains("3 planned, 3 judged, 3 exercised").and(contains("property/5-3")));
    let kept = run.kept();
    let document: serde_json::Value =
        serde_json::from_slice(&std::fs::read(kept.join("run.json")).unwrap()).unwrap();
    assert_eq!(document["property"], 3);
    let plan = std::fs::read_to_string(kept.join("plans/property/5-3.toml")).unwrap();
    assert_eq!(
        std::fs::read_to_string(kept.join("property__5-3/scenario.toml")).unwrap(),
        plan
    );
}

#[test]
fn the_smallest_plan_of_a_defect_fails_by_the_command_that_is_printed() {
    let mutant = "wrong-content-type";
    let mut run = Counterfoil::run(&["--property", "1", "--mutant", mutant]);
    let assert = run.exits(1);
    let text = stdout(&assert);
    assert!(
        text.contains("played again, scrape/available failed 3 of 3 times"),
        "{text}"
    );
    // Whatever is served has the wrong type: nothing has to happen at all.
    assert!(
        text.contains("smallest plan: 1 worker, 0 metrics, 0 tasks, 0 ops, 2 steps"),
        "{text}"
    );
    let rerun = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("run it alone: counterfoil "));
    let words = shlex::split(rerun.unwrap()).unwrap();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Counterfoil::new(&words)
        .exits(1)
        .stdout(contains("FAIL  property/0-1").and(contains("1 planned, 1 judged, 1 exercised")));
}

/// The reference as a third party's exporter, whose fleets serve the wrong type the first time they are started.
fn wrong_at_first() -> String {
    let script = "[ -e \\\"$0\\\" ] || { : > \\\"$0\\\"; export COUNTERFOIL_MUTANT=wrong-content-type; }; exec \\\"$@\\\"";
    let before = format!("command = [\n    \"sh\", \"-c\", \"{script}\", \"{{adapter_dir}}/started\",");
    counterfoil_reference::MANIFEST
        .replace("name = \"reference\"", "name = \"elsewhere\"")
        .replace("command = [", &before)
}

#[test]
fn a_program_that_does_not_fail_each_time_is_flaky_and_stays_as_it_is() {
    let run = Counterfoil::run(&["--property", "1", "--exporter", "elsewhere/manifest.toml"]);
    let mut run = run.with_file("elsewhere/manifest.toml", &wrong_at_first());
    let again = "scrape/available failed, and played again it failed 0 of 3 times";
    let whole =
        contains("it is not made smaller, because it does not fail each time").and(contains("/plans"));
    run.exits(1)
        .stdout(contains("1 flaky").and(contains(again)).and(whole));
    assert!(!run.kept().join("smallest").exists());
}
