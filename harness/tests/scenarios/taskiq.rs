//! taskiq's PrometheusMiddleware: the release with the bug that started this suite, and the newest.

use counterfoil::report::{Judgement, Verdict};
use libtest_mimic::{Failed, Trial};

use crate::prerequisite::Prerequisite::{Network, Python};
use crate::prerequisite::Prerequisites;
use crate::site::{Order, Over, all_pass, judgement, play};

/// The releases that the trials need, each with a lock.
pub(crate) const VERSIONS: [&str; 2] = ["0.11.20", "0.13.0"];

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    vec![
        prerequisites.trial("taskiq/0.11.20-fails", &[Python, Network], || {
            let counter = "counter/sums-across-workers";
            let histogram = "histogram/buckets-add-up-across-workers";
            for scenario in [counter, histogram] {
                let over = play(Order {
                    exporter: "taskiq@0.11.20",
                    ..Order::of(scenario)
                })?;
                serves_one_process(over, scenario)?;
            }
            Ok(())
        }),
        prerequisites.trial("taskiq/newest-passes", &[Python, Network], || {
            all_pass(play(Order {
                exporter: "taskiq@0.13.0",
                ..Order::of("")
            })?)
        }),
    ]
}

/// C1: the endpoint serves the worker that bound the port, the files are right.
fn serves_one_process(over: Over, scenario: &str) -> Result<(), Failed> {
    if over.finished.summary.control_failed {
        return Err(over.failure("the control failed"));
    }
    let report = over.report(scenario)?;
    let ledger = matches!(judgement(report, "truth/equals-ledger")?, Judgement::Pass { .. });
    let diagnosis = match judgement(report, "scrape/equals-truth")? {
        Judgement::Fail { finding } => finding.summary.clone(),
        other => format!("{other:?}"),
    };
    if report.verdict == Verdict::Fail && ledger && diagnosis.contains("serves one process of 2") {
        return Ok(());
    }
    Err(over.failure(&format!(
        "not the known bug: ledger holds: {ledger}; scrape/equals-truth: {diagnosis}"
    )))
}
