//! Exporters that get their work over HTTP: one under each server, and an adapter that leads nowhere.

use counterfoil::report::Verdict;
use counterfoil::testing::Prerequisite::{Network, Python};
use counterfoil::testing::Prerequisites;
use libtest_mimic::{Failed, Trial};

use crate::site::on;

/// What is played on each, and each with a lock.
pub(crate) const RELEASES: [&str; 6] = [
    "prometheus_flask_exporter@0.23.2",
    "prometheus_client-uwsgi@0.26.0",
    "django-prometheus@2.5.0",
    "starlette_exporter@0.24.0",
    // The one that serves what is asked for.
    "starlette_exporter@0.23.0",
    "prometheus_fastapi_instrumentator@8.1.0",
];

/// `counterfoil run --exporter NAME` plays all.
const SOME: [&str; 3] = [
    "counter/sums-across-workers",
    "lifecycle/failing-tasks",
    "death/killed-in-the-middle-of-a-task",
];

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    let trial = |release: &'static str| {
        let name = format!("over-http/{release}");
        prerequisites.trial(&name, &[Python, Network], move || {
            on(release).only(&SOME).jobs(2).play("")?.must_pass()
        })
    };
    let mut trials: Vec<Trial> = RELEASES.into_iter().map(trial).collect();
    let queue = "over-http/two-fleets-have-ways-of-their-own-and-no-broker";
    trials.push(prerequisites.trial(queue, &[Python, Network], without_a_broker));
    let nowhere = "over-http/an-adapter-that-takes-no-tasks-is-told-so";
    trials.push(prerequisites.trial(nowhere, &[Python], leads_nowhere));
    trials
}

/// What two fleets on a host do applies, what is done to a broker does not.
fn without_a_broker() -> Result<(), Failed> {
    let slow = "broker/slow-network";
    let played = on(RELEASES[0])
        .only(&["isolation/neighbour-dies", slow])
        .play("")?;
    let report = played.report(slow)?;
    let reason = report.reason.clone().unwrap_or_default();
    match report.verdict {
        Verdict::NotApplicable if reason.contains("no broker") => played.must_pass(),
        other => Err(played.failure(&format!(
            "a broker is harmed that there is not: {other}: {reason}"
        ))),
    }
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
