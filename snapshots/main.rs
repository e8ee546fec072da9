//! What people read, as it is printed: failure reports, merged text, the list of what there is, every error.
//!
//! The reports are the real checks' on histories written by hand. Numbers that a run computes (pids, ports, times,
//! paths) are taken out in one place, [`redacted`]; those of a history are its author's and stay.

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

#[path = "../harness/tests/truth_rules/encoder.rs"]
#[allow(dead_code, reason = "the rules of the files need more of it than reports do")]
mod encoder;
mod errors;
#[path = "../harness/tests/fixtures/mod.rs"]
mod fixtures;
#[path = "../harness/tests/check_rules/history.rs"]
#[allow(dead_code, reason = "the checks' own tests need more of it than reports do")]
mod history;

use std::process::Command;

use counterfoil::check::{Check, Outcome};
use counterfoil::property::Size;
use counterfoil::report::{
    CheckReport, FixtureReport, Judgement, KnownFailure, ProgramReport, ScenarioReport, SmallestPlan, Terms,
    Verdict, render_failure,
};
use encoder::Directory;
use history::{History, answer, counters, merged};

const CHECKS: [Check; 5] = [
    Check::ScrapeAvailable,
    Check::ExpositionValid,
    Check::TruthReadable,
    Check::ScrapeEqualsTruth,
    Check::TruthEqualsLedger,
];

/// The one place where snapshots are compared, and where what differs from run to run is taken out.
fn redacted(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(".");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"\(\d+ ms\)", "([MS] ms)");
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:[PORT]");
    settings.add_filter(r"/\d{8}-\d{6}-\d+-\d+", "/[RUN]");
    settings.add_filter(r"/\S*/\.tmp\w+", "[TMP]");
    let version = env!("CARGO_PKG_VERSION").replace('.', r"\.");
    let versions = format!("(counterfoil |reference@|reference is ){version}");
    settings.add_filter(&versions, "$1[VERSION]");
    if text.contains("\nkept  ") {
        redact_a_run(&mut settings);
    }
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// What a run computes; in a history these are its author's.
fn redact_a_run(settings: &mut insta::Settings) {
    settings.add_filter(r", run \S+", ", run [RUN]");
    settings.add_filter(r"\[ *\d+\.\d+ s\]", "[[TIME]]");
    settings.add_filter(r" in \d+\.\d s:", " in [TIME]:");
    settings.add_filter(r"\bport \d+", "port [PORT]");
    settings.add_filter(r"pid \d+ +\d+", "pid [PID] [SHARE]");
    settings.add_filter(r"pid \d+", "pid [PID]");
    settings.add_filter(r"counter_\d+\.db", "counter_[PID].db");
    // What a line has room for of a reason depends on the length of pids; the whole reason follows.
    settings.add_filter(r"(?m)(\[\[TIME\]\] \S+)  .*…$", "$1  […]");
    // The client meets the end of a connection in one way or another.
    settings.add_filter(r"(which answered before, is gone): .*", "$1: [CAUSE]");
}

fn failure(name: &str, history: &History) {
    redacted(name, &render_failure(&report(history)));
}

/// The report that a run would have made of it.
fn report(history: &History) -> ScenarioReport {
    let judged = CHECKS.iter().map(|check| CheckReport {
        check: check.id().to_owned(),
        step: 3,
        judgement: match history.judge(*check) {
            Outcome::Pass { exercised } => Judgement::Pass { exercised },
            Outcome::Fail(finding) => Judgement::Fail { finding: *finding },
            Outcome::Inconclusive { reason } => Judgement::Inconclusive { reason },
        },
    });
    let checks: Vec<CheckReport> = judged.collect();
    let failed = checks
        .iter()
        .any(|check| matches!(check.judgement, Judgement::Fail { .. }));
    ScenarioReport {
        id: history.scenario.id.clone(),
        title: history.scenario.title.clone(),
        terms: Terms {
            level: history.scenario.level,
            set: Some(1),
            beyond: Vec::new(),
            known: Vec::new(),
        },
        verdict: if failed {
            Verdict::Fail
        } else {
            Verdict::Inconclusive
        },
        turns: Vec::new(),
        control: false,
        mutant: None,
        reason: None,
        remedy: None,
        exercised: checks.len(),
        checks,
        tasks_by_pid: history.ledger.shares(0),
        elapsed_ms: 1234,
        stages_ms: std::collections::BTreeMap::new(),
        rerun: format!("counterfoil run {}", history.scenario.id),
        kept: "counterfoil.out/20200101-000000-1-0/counter__by-hand".to_owned(),
        program: None,
        fixture: None,
    }
}

/// What `counterfoil` prints.
fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_counterfoil"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn three_workers() -> Directory {
    counters(&[
        (101, &[("mail", 11.0)]),
        (102, &[("mail", 10.0), ("report", 1.0)]),
        (103, &[("mail", 9.0), ("report", 2.0)]),
    ])
}

/// Three workers did what the files say.
fn worked(history: History) -> History {
    let mails = [(101, 11), (102, 10), (103, 9)];
    let history = mails
        .into_iter()
        .fold(history, |history, (pid, count)| history.done(pid, "mail", count));
    history.done(102, "report", 1).done(103, "report", 2)
}

#[test]
fn one_process_of_three_is_served() {
    let served = counters(&[(101, &[("mail", 11.0)])]);
    failure(
        "failure-serves-one-process",
        &worked(History::new(&three_workers(), &merged(&served))),
    );
}

#[test]
fn a_wrong_merge_has_a_fixture_or_a_reason_to_have_none() {
    let served = counters(&[(101, &[("mail", 11.0)])]);
    let failed = report(&worked(History::new(&three_workers(), &merged(&served))));
    let made = FixtureReport::Made {
        path: "counterfoil.out/20200101-000000-1-0/counter__by-hand/fixture".to_owned(),
        before: counterfoil::reduce::Size { files: 3, entries: 5 },
        after: counterfoil::reduce::Size { files: 2, entries: 1 },
        merges: 12,
        exhausted: false,
    };
    let none = FixtureReport::None {
        reason: "of the files alone the exporter makes what it should".to_owned(),
    };
    for (name, fixture) in [
        ("failure-with-a-fixture", made),
        ("failure-without-a-fixture", none),
    ] {
        let report = ScenarioReport {
            fixture: Some(fixture),
            ..failed.clone()
        };
        redacted(name, &render_failure(&report));
    }
}

#[test]
fn a_program_is_shrunk_or_does_not_fail_each_time() {
    let served = counters(&[(101, &[("mail", 11.0)])]);
    let failed = report(&worked(History::new(&three_workers(), &merged(&served))));
    let (large, small) = (
        Size {
            workers: 4,
            metrics: 3,
            tasks: 5,
            ops: 17,
            steps: 9,
        },
        Size {
            workers: 2,
            metrics: 1,
            tasks: 1,
            ops: 1,
            steps: 3,
        },
    );
    let program = |reproduced, smallest, note: Option<&str>| {
        let (check, replays, note) = ("scrape/equals-truth".to_owned(), 3, note.map(str::to_owned));
        Some(ProgramReport {
            check,
            replays,
            reproduced,
            size: large,
            smallest,
            note,
        })
    };
    let plan = SmallestPlan {
        size: small,
        plays: 41,
        exhausted: true,
        confirmed: 3,
        path: "counterfoil.out/20200101-000000-1-0/smallest/property/0-1.toml".to_owned(),
    };
    let shrunk = ScenarioReport {
        program: program(3, Some(plan), None),
        ..failed.clone()
    };
    redacted("failure-smallest-plan", &render_failure(&shrunk));
    let flaky = ScenarioReport {
        verdict: Verdict::Flaky,
        reason: Some("scrape/equals-truth failed, and played again it failed 1 of 3 times".to_owned()),
        program: program(
            1,
            None,
            Some("it is not made smaller, because it does not fail each time"),
        ),
        ..failed
    };
    redacted("failure-flaky-program", &render_failure(&flaky));
}

#[test]
fn a_check_beyond_the_requirement_set_warns() {
    let served = counters(&[(101, &[("mail", 11.0)])]);
    let mut report = report(&worked(History::new(&three_workers(), &merged(&served))));
    report.verdict = Verdict::Warn;
    report.terms.beyond = vec!["scrape/equals-truth".to_owned()];
    redacted("warn-beyond-the-set", &render_failure(&report));
}

#[test]
fn a_failure_is_known_or_what_was_known_to_fail_holds() {
    let served = counters(&[(101, &[("mail", 11.0)])]);
    let mut report = report(&worked(History::new(&three_workers(), &merged(&served))));
    report.terms.known = vec![KnownFailure {
        check: "scrape/equals-truth".to_owned(),
        reason: "The endpoint serves the share of the process that has the port.".to_owned(),
        url: Some("https://example.org/issues/590".to_owned()),
        reproducer: Some("findings/empty_file.py".to_owned()),
    }];
    report.verdict = Verdict::KnownFail;
    report.reason = Some("The endpoint serves the share of the process that has the port.".to_owned());
    redacted("known-fail", &render_failure(&report));
    report.verdict = Verdict::Fail;
    report.checks.clear();
    report.reason = Some("stale baseline: it lists as failing what holds: scrape/equals-truth".to_owned());
    redacted("failure-stale-baseline", &render_failure(&report));
}

#[test]
fn a_process_is_counted_twice() {
    let body = merged(&three_workers())
        .replace("30.0", "39.0")
        .replace("3.0", "5.0");
    failure(
        "failure-counts-a-process-twice",
        &worked(History::new(&three_workers(), &body)),
    );
}

#[test]
fn the_workers_lost_increments() {
    let files = counters(&[
        (101, &[("mail", 9.0)]),
        (102, &[("mail", 10.0)]),
        (103, &[("mail", 9.0), ("report", 2.0)]),
    ]);
    failure("failure-lost-increments", &worked(History::conformant(&files)));
}

#[test]
fn a_body_is_malformed() {
    let body = merged(&three_workers()).replace("{queue=\"report\"}", "{queue=\"report}");
    failure(
        "failure-malformed-body",
        &worked(History::new(&three_workers(), &body)),
    );
}

#[test]
fn nothing_is_served() {
    let boom = answer(500, "text/plain", "FileNotFoundError: counter_\u{1b}[31m103.db\n");
    failure(
        "failure-status-500",
        &worked(History::conformant(&three_workers()).answered(boom)),
    );
}

#[test]
fn a_killed_process_leaves_tasks_that_nobody_can_judge() {
    let history = History::conformant(&three_workers());
    failure(
        "inconclusive-indeterminate-tasks",
        &worked(history).open("mail", 4).killed(103, 2),
    );
}

#[test]
fn files_of_the_real_client_are_merged() {
    for name in ["two-workers", "odd-corners"] {
        let dir = fixtures::unpacked(name);
        let dir = dir.path().to_str().unwrap();
        redacted(&format!("merge-{name}-text"), &printed(&["merge", dir]));
        redacted(
            &format!("merge-{name}-openmetrics"),
            &printed(&["merge", dir, "--format", "openmetrics"]),
        );
    }
}

/// Three scenarios stand for all: the list grows with every release, its form does not.
#[test]
fn scenarios_exporters_and_checks_are_listed() {
    let scenarios = [
        "counter/sums-across-workers",
        "gauge/min-and-max",
        "lifecycle/failing-tasks",
    ];
    redacted(
        "list-scenarios",
        &printed(&[&["list", "scenarios"][..], &scenarios].concat()),
    );
    redacted("list-exporters", &printed(&["list", "exporters"]));
    redacted("list-checks", &printed(&["list", "checks"]));
}
