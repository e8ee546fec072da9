//! What can go wrong with processes.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

/// A process that cannot be started, or a fleet that does not come up.
#[derive(Debug, Error, Diagnostic)]
pub enum FleetError {
    /// The program cannot be executed.
    #[error("cannot start {program}: {source}")]
    #[diagnostic(help("is it installed, and on PATH?"))]
    Spawn {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file or folder of the run cannot be written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The reaper did not start.
    #[error("the reaper did not start: {reason}")]
    Reaper {
        /// How it failed.
        reason: String,
    },
    /// The fleet ended before its endpoint answered.
    #[error("the fleet ended before {waited_for} ({status}); its last line: {last_line}")]
    #[diagnostic(help("its whole output is in {}", log.display()))]
    Ended {
        /// What was waited for.
        waited_for: String,
        /// How the leader ended.
        status: String,
        /// What it printed last.
        last_line: String,
        /// Its output.
        log: PathBuf,
    },
    /// The endpoint did not answer in time.
    #[error("{waited_for} did not happen within {deadline_ms} ms: {state}")]
    #[diagnostic(help("the fleet's output is in {}", log.display()))]
    Deadline {
        /// What was waited for.
        waited_for: String,
        /// For how long.
        deadline_ms: u64,
        /// How far it came.
        state: String,
        /// Its output.
        log: PathBuf,
    },
    /// Another process holds the port, each time.
    #[error("port {port} belongs to {owner}, which is not of the fleet; gave up after {attempts} ports")]
    Port {
        /// The last port that was tried.
        port: u16,
        /// Who holds it.
        owner: String,
        /// How many were tried.
        attempts: u32,
    },
    /// No process fits a fault's target.
    #[error("no process fits the fault's target {target}: {reason}")]
    NoTarget {
        /// The target.
        target: String,
        /// Why none fits.
        reason: String,
    },
}
