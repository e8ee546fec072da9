//! Reports for tests.

use std::collections::BTreeMap;

use super::{
    CheckReport, Conditions, Judgement, RunPart, RunReport, ScenarioReport, Summary, Terms, Verdict,
};
use crate::check::{Difference, Finding, Part, Side};
use crate::fleet::FleetKind;
use crate::scenario::Level;

/// A scenario that came to `verdict` without a word.
pub(crate) fn report(id: &str, verdict: Verdict) -> ScenarioReport {
    ScenarioReport {
        id: id.to_owned(),
        title: "The counters of all workers are served".to_owned(),
        terms: Terms {
            level: Level::Must,
            set: Some(1),
            beyond: Vec::new(),
            known: Vec::new(),
        },
        verdict,
        turns: vec![verdict],
        control: false,
        mutant: None,
        reason: None,
        remedy: None,
        checks: Vec::new(),
        exercised: 10,
        tasks_by_pid: BTreeMap::from([(7, 15), (8, 16)]),
        elapsed_ms: 328,
        stages_ms: BTreeMap::from([("fleet".to_owned(), 104.8), ("check".to_owned(), 62.4)]),
        rerun: format!("counterfoil run {id}"),
        kept: format!("out/run/{}", id.replace('/', "__")),
        program: None,
        fixture: None,
    }
}

/// A scenario whose server forgets a process.
pub(crate) fn failed(id: &str) -> ScenarioReport {
    let check = failing_check("scrape/equals-truth", "the endpoint serves one process of 2");
    ScenarioReport {
        checks: vec![check],
        ..report(id, Verdict::Fail)
    }
}

/// A check that failed with `summary`, on one series of two processes.
pub(crate) fn failing_check(check: &'static str, summary: &str) -> CheckReport {
    let part = |pid: &str, value: &str, served| Part {
        pid: pid.to_owned(),
        file: format!("counter_{pid}.db"),
        value: value.to_owned(),
        served: Some(served),
    };
    let difference = Difference {
        series: "jobs_total{queue=\"mail\"}".to_owned(),
        expected: "truth 20.0".to_owned(),
        got: "scrape 9.0".to_owned(),
        parts: vec![part("7", "9.0", true), part("8", "11.0", false)],
    };
    let finding = Finding {
        summary: summary.to_owned(),
        side: Side::Server,
        differences: vec![difference],
        notes: Vec::new(),
    };
    CheckReport {
        check: check.to_owned(),
        step: 3,
        judgement: Judgement::Fail { finding },
    }
}

/// An ordinary run of acme 2.1 that came to these.
pub(crate) fn run(part: RunPart, reports: Vec<ScenarioReport>) -> RunReport {
    let conditions = Conditions {
        counterfoil: "0.1.0".to_owned(),
        exporter: "acme@2.1".to_owned(),
        installed: vec!["acme==2.1".to_owned()],
        fleet: FleetKind::Process,
        seed: 0,
        repeat: 1,
        confirm: 1,
        of_a_folder: false,
        requirements: Some(1),
        no_baseline: false,
        mutant: None,
    };
    let summary = Summary::of(reports.len(), &reports, false, 100);
    RunReport::new(conditions, vec![part], Vec::new(), reports, summary)
}
