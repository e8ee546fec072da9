//! taskiq's PrometheusMiddleware: the release with the bug that started this suite, and the newest.

use counterfoil::broker::Choice;
use counterfoil::report::{Judgement, Verdict};
use counterfoil::testing::Prerequisite::{Network, Python};
use counterfoil::testing::{Played, Prerequisites};
use libtest_mimic::{Failed, Trial};

use crate::site::on;

/// The releases that the trials need, each with a lock.
pub(crate) const RELEASES: [&str; 2] = ["taskiq@0.11.20", "taskiq@0.13.0"];

/// A scenario or two of each family; `counterfoil run --exporter taskiq` plays all.
const SOME: [&str; 16] = [
    "counter/sums-across-workers",
    "counter/served-before-it-counts",
    "gauge/most-recent-wins",
    "histogram/buckets-add-up-across-workers",
    "summary/observed-nothing",
    "labels/escapes-and-unicode",
    "names/",
    // Known to fail, which passes.
    "directory/empty-file",
    "exposition/help-texts",
    "negotiation/openmetrics",
    "lifecycle/failing-tasks",
    "lifecycle/ends-without-orphans",
    "death/worker-killed-and-replaced",
    "death/halted-worker",
    "concurrency/scrapes-while-tasks-run",
    "broker/slow-network",
];

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    vec![
        prerequisites.trial("taskiq/0.11.20-fails-as-known", &[Python, Network], || {
            let counter = "counter/sums-across-workers";
            let histogram = "histogram/buckets-add-up-across-workers";
            for scenario in [counter, histogram] {
                serves_one_process(on(RELEASES[0]).play(scenario)?, scenario)?;
            }
            Ok(())
        }),
        prerequisites.trial("taskiq/newest-passes", &[Python, Network], || {
            on(RELEASES[1]).only(&SOME).jobs(3).play("")?.must_pass()
        }),
        // redis-py opens with HELLO 3 and blocks in BRPOP: what the first run of a machine without Redis meets.
        prerequisites.trial("taskiq/newest-on-the-embedded-broker", &[Python, Network], || {
            let embedded = on(RELEASES[1]).on(Choice::Embedded);
            embedded.play("counter/sums-across-workers")?.must_pass()
        }),
    ]
}

/// C1: the endpoint serves the worker that bound the port, the files are right; and the baseline says so.
fn serves_one_process(played: Played, scenario: &str) -> Result<(), Failed> {
    let verdict = played.report(scenario)?.verdict;
    let ledger = matches!(
        played.judgement(scenario, "truth/equals-ledger")?,
        Judgement::Pass { .. }
    );
    let diagnosis = match played.judgement(scenario, "scrape/equals-truth")? {
        Judgement::Fail { finding } => finding.summary.clone(),
        other => format!("{other:?}"),
    };
    if verdict == Verdict::KnownFail && ledger && diagnosis.contains("serves one process of 2") {
        return Ok(());
    }
    Err(played.failure(&format!(
        "not the known bug: {verdict}; ledger holds: {ledger}; scrape/equals-truth: {diagnosis}"
    )))
}
