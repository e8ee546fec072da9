//! `counterfoil run`: exit codes 0 and 1.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::{Counterfoil, QUICK, acme};

#[test]
fn a_scenario_that_passes_is_conformant() {
    let assert = Counterfoil::run(&[QUICK]).exits(0);
    assert
        .stdout(contains("1 planned, 1 judged, 1 exercised").and(contains("embedded, as asked")))
        .stderr("");
}

#[test]
fn a_defect_is_nonconformant_and_the_report_names_processes_and_the_command() {
    let assert = Counterfoil::run(&[QUICK, "--mutant", "serves-own-process"]).exits(1);
    let diagnosis = contains("the endpoint serves one process of 2").and(contains("missing from the scrape"));
    let rerun = contains(format!(
        "run it alone: counterfoil run {QUICK} --mutant serves-own-process --broker embedded"
    ));
    assert
        .stdout(diagnosis.and(rerun).and(contains("1 fail")))
        .stderr("");
}

#[test]
fn repeated_runs_that_agree_keep_their_verdict() {
    Counterfoil::run(&[QUICK, "--repeat", "2"])
        .exits(0)
        .stdout(contains("1 planned, 1 judged, 1 exercised"));
}

#[test]
fn the_scenarios_of_a_folder_are_played_and_listed_without_a_rebuild() {
    let text = include_str!("../../scenarios/counter/sums-across-workers.toml");
    let title = "The counters of all workers are served, not those of one";
    let text = text.replace(title, "Jobs add up");
    let own = |counterfoil: Counterfoil| counterfoil.with_file("of mine/by-hand/adds-up.toml", &text);
    own(Counterfoil::new(&["list", "scenarios", "--scenarios", "of mine"]))
        .exits(0)
        .stdout(contains("1 scenarios").and(contains("by-hand/adds-up").and(contains("Jobs add up"))));
    let mut run = own(Counterfoil::run(&[
        "--scenarios",
        "of mine",
        "--mutant",
        "serves-own-process",
    ]));
    let rerun =
        "run it alone: counterfoil run by-hand/adds-up --scenarios 'of mine' --mutant serves-own-process";
    run.exits(1)
        .stdout(contains("1 planned, 1 judged, 1 exercised").and(contains(rerun)));
    let kept = run.kept();
    let document: serde_json::Value =
        serde_json::from_slice(&std::fs::read(kept.join("run.json")).unwrap()).unwrap();
    let dir = run.folder.path().canonicalize().unwrap().join("of mine");
    assert_eq!(document["scenarios_dir"].as_str(), dir.to_str());
    assert_eq!(document["scenarios"], serde_json::json!(["by-hand/adds-up"]));
    assert_eq!(
        std::fs::read_to_string(kept.join("by-hand__adds-up/scenario.toml")).unwrap(),
        text
    );
}

#[test]
fn a_run_names_the_requirement_set_that_it_is_judged_by() {
    let set = contains("judged by requirement set 1");
    Counterfoil::run(&[QUICK]).exits(0).stdout(set.clone());
    let mut asked = Counterfoil::run(&[QUICK, "--requirements", "1", "--mutant", "serves-own-process"]);
    let rerun = format!("counterfoil run {QUICK} --requirements 1 --mutant serves-own-process");
    asked.exits(1).stdout(set.and(contains(rerun)));
    // A canary is in no set.
    Counterfoil::run(&["counter/canary"]).exits(1);
    Counterfoil::run(&["counter/canary", "--requirements", "1"]).exits(4);
}

#[test]
fn beside_a_neighbour_that_has_done_nothing_nothing_is_judged() {
    let text = include_str!("../../scenarios/isolation/two-fleets-on-a-host.toml");
    let (head, _) = text.split_once("[[steps]]").unwrap();
    let text = format!("{head}[[steps]]\ncheck = [\"truth/readable\"]\n");
    let mut run = Counterfoil::run(&["--scenarios", "mine"]).with_file("mine/isolation/idle.toml", &text);
    run.exits(3)
        .stdout(contains("step 1 (check): the neighbour was handed no task").and(contains("1 inconclusive")));
    assert!(run.kept().join("isolation__idle/neighbour/metrics").is_dir());
}

#[test]
fn a_fleet_that_forks_without_end_is_ended_and_cannot_be_judged() {
    let ended = |before: &str, after: &str| {
        let forks = format!("2.0) {before} {FORKS} {after};;");
        let slow = include_str!("../../scenarios/counter/sums-across-workers.toml");
        let slow = slow.replace("ms = 5 }", "ms = 200 }");
        let reason = contains("the fleet was ended, because it had").and(contains(" processes, of 120"));
        Counterfoil::run(&["--scenarios", "mine", "--exporter", "acme"])
            .with_file("acme/manifest.toml", &acme::manifest(&forks))
            .with_file("mine/counter/slow.toml", &slow)
            .exits(3)
            .stdout(reason.and(contains("1 inconclusive")));
    };
    ended("", "");
    // Beside workers that do what they should.
    ended("(", ") &");
}

#[test]
fn so_is_one_beside_the_fleet() {
    let scenarios = [
        (
            include_str!("../../scenarios/isolation/pods-on-one-queue.toml"),
            "pod-2",
            "pod 2",
        ),
        (
            include_str!("../../scenarios/isolation/two-fleets-on-a-host.toml"),
            "neighbour",
            "its neighbour",
        ),
        (
            include_str!("../../scenarios/lifecycle/two-generations-at-once.toml"),
            "successor",
            "its successor",
        ),
    ];
    for (scenario, folder, who) in scenarios {
        let forks = format!("2.0) case $COUNTERFOIL_ACKS in */{folder}/*) ( {FORKS} ) &;; esac;;");
        let reason = format!("{who} was ended, because it had");
        Counterfoil::run(&["--scenarios", "mine", "--exporter", "acme"])
            .with_file("acme/manifest.toml", &acme::manifest(&forks))
            .with_file(
                "mine/isolation/slow.toml",
                &scenario.replace("ms = 5 }", "ms = 150 }"),
            )
            .exits(3)
            .stdout(contains(reason).and(contains("1 inconclusive")));
    }
}

const FORKS: &str = "while :; do sleep 600 & sleep 0.002; done";
