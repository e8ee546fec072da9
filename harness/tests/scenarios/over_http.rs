//! Exporters that get their work over HTTP: one under each server, and an adapter that leads nowhere.

use counterfoil::report::Verdict;
use counterfoil::testing::Prerequisite::{Network, Python};
use counterfoil::testing::Prerequisites;
use libtest_mimic::{Failed, Trial};

use crate::site::on;

/// What is played on each, and each with a lock.
pub(crate) const RELEASES: [&str; 1] = ["prometheus_flask_exporter@0.23.2"];

/// `counterfoil run --exporter NAME` plays all.
const SOME: [&str; 5] = [
    "counter/sums-across-workers",
    "lifecycle/failing-tasks",
    "death/killed-in-the-middle-of-a-task",
    // The way to the second fleet is another one.
    "isolation/neighbour-dies",
    // No broker is between the two.
    "broker/slow-network",
];

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    let trial = |release: &'static str| {
        let name = format!("over-http/{release}");
        prerequisites.trial(&name, &[Python, Network], move || {
            let played = on(release).only(&SOME).jobs(2).play("")?;
            let without_broker = played.report("broker/slow-network")?;
            let reason = without_broker.reason.clone().unwrap_or_default();
            match without_broker.verdict {
                Verdict::NotApplicable if reason.contains("no broker") => played.must_pass(),
                other => Err(played.failure(&format!(
                    "a broker is harmed that there is not: {other}: {reason}"
                ))),
            }
        })
    };
    let mut trials: Vec<Trial> = RELEASES.into_iter().map(trial).collect();
    let nowhere = "over-http/an-adapter-that-takes-no-tasks-is-told-so";
    trials.push(prerequisites.trial(nowhere, &[Python], leads_nowhere));
    trials
}

/// A server that serves files, and knows of no tasks.
fn leads_nowhere() -> Result<(), Failed> {
    const SCENARIO: &str = "counter/sums-across-workers";
    let folder = tempfile::tempdir()?;
    let manifest = folder.path().join("manifest.toml");
    std::fs::write(
        &manifest,
        r#"
protocol = 1
name = "files"
homepage = "https://docs.python.org/3/library/http.server.html"
version = "3"
capabilities = ["counter"]
workers = { command = ["python3", "-m", "http.server", "--bind", "{metrics_host}", "{metrics_port}"] }
queue = { format = "http", url = "http://127.0.0.1:{metrics_port}/task" }
scrape = { url = "http://127.0.0.1:{metrics_port}/metrics" }
files = { layout = "python-16" }
"#,
    )?;
    let played = on(&manifest.display().to_string()).play(SCENARIO)?;
    let report = played.report(SCENARIO)?;
    let reason = report.reason.clone().unwrap_or_default();
    let remedy = report.remedy.clone().unwrap_or_default();
    let says = reason.contains("/task was answered with status 501") && remedy.contains("queue.url");
    match (report.verdict, says) {
        (Verdict::Inconclusive, true) => Ok(()),
        (verdict, _) => Err(played.failure(&format!("{verdict}: {reason}; {remedy}"))),
    }
}
