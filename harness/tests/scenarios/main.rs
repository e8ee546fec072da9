//! Every scenario as a test, and the tests that need a fleet: mutants, third-party exporters, deaths of the runner.
//!
//! One trial is one whole run with a broker and a reaper of its own, so that `cargo test` and nextest, which
//! starts this program once per test, do the same. What a machine lacks is known before a trial starts: such a
//! trial is ignored and says why, and is never shown as passed ([`prerequisite`]).

#![allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]

mod client;
mod conformance;
mod container;
mod killed;
mod mutants;
mod prerequisite;
mod site;
mod taskiq;

use std::process::ExitCode;

use libtest_mimic::Arguments;
use prerequisite::Prerequisites;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let prerequisites = match Prerequisites::detect() {
        Ok(prerequisites) => prerequisites,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::FAILURE;
        }
    };
    let trials = [
        conformance::trials(),
        mutants::trials(),
        killed::trials(),
        taskiq::trials(&prerequisites),
        container::trials(&prerequisites),
        client::trials(&prerequisites),
    ];
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit_code()
}
