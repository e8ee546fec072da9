//! Every scenario as a test, and the tests that need a fleet: canaries, third-party exporters, deaths of the runner.
//!
//! One trial is one whole run with a broker and a reaper of its own, so that `cargo test` and nextest, which
//! starts this program once per test, do the same. What a machine lacks is known before a trial starts: such a
//! trial is ignored and says why, and is never shown as passed ([`Prerequisites`]).

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

mod brokers;
mod conformance;
mod container;
mod full_disk;
mod in_other_languages;
mod killed;
mod over_http;
mod programs;
mod prometheus_client;
mod self_test;
mod site;
mod suite;
mod task_queues;
mod taskiq;
mod without_files;

use std::process::ExitCode;

use counterfoil::exporter::Adapter;
use counterfoil::testing::{Prerequisites, SuiteError, arguments};
use libtest_mimic::Trial;

fn main() -> ExitCode {
    let arguments = arguments();
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn trials() -> Result<Vec<Trial>, SuiteError> {
    let prerequisites = prerequisites()?;
    let trials = [
        conformance::trials()?,
        self_test::trials()?,
        programs::trials(),
        killed::trials(),
        full_disk::trials(),
        suite::trials(),
        without_files::trials(),
        taskiq::trials(&prerequisites),
        prometheus_client::trials(&prerequisites),
        over_http::trials(&prerequisites),
        in_other_languages::trials(&prerequisites),
        task_queues::trials(&prerequisites),
        container::trials(&prerequisites),
        brokers::trials(&prerequisites),
    ];
    Ok(trials.into_iter().flatten().collect())
}

/// What this machine has of what the trials of third-party exporters need.
fn prerequisites() -> Result<Prerequisites, SuiteError> {
    let folder = tempfile::tempdir()?;
    let mut exporters = Vec::new();
    let releases = taskiq::RELEASES.iter().chain(&prometheus_client::RELEASES);
    let releases = releases
        .chain(&over_http::RELEASES)
        .chain(&task_queues::RELEASES)
        .chain(&in_other_languages::RELEASES);
    for (at, release) in releases.enumerate() {
        let Ok(selector) = release.parse();
        let dir = folder.path().join(at.to_string());
        exporters.push(Adapter::declare(
            &selector,
            counterfoil_reference::MANIFEST,
            &dir,
        )?);
    }
    Ok(Prerequisites::detect(&exporters)?)
}
