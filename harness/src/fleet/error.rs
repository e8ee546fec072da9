//! What can go wrong with processes.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::remedy;

/// A process that cannot be started, or a fleet that does not come up.
#[derive(Debug, Error, Diagnostic)]
pub enum FleetError {
    /// The program cannot be executed.
    #[error("cannot start {program}")]
    #[diagnostic(help("install it, put it on PATH, or correct `workers.command` in the manifest"))]
    Spawn {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// The folder that the program is to work in is none.
    #[error("cannot start {program} in {}, which is no folder", cwd.display())]
    #[diagnostic(help(
        "correct `workers.cwd` in the manifest: {{adapter_dir}} is the manifest's own folder"
    ))]
    Cwd {
        /// The program.
        program: String,
        /// The folder.
        cwd: PathBuf,
    },
    /// A file or folder of the run cannot be written.
    #[error("cannot write {}", path.display())]
    #[diagnostic(help("{}", remedy::unwritten(source, "--out")))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No file system of a run's own can be had.
    #[error("cannot mount a file system on {}", path.display())]
    #[diagnostic(help("only root may: run as root, or in a container that may mount (CAP_SYS_ADMIN)"))]
    Mount {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system gives no port.
    #[error("there is no free port on 127.0.0.1")]
    #[diagnostic(help("end what holds them: `ss -tan` shows it"))]
    NoPort {
        /// What the system said.
        source: io::Error,
    },
    /// The reaper did not start.
    #[error("the reaper did not start: {reason}")]
    #[diagnostic(help("a run starts its own program again: let this user execute it"))]
    Reaper {
        /// How it failed.
        reason: String,
    },
    /// The fleet ended before its endpoint answered.
    #[error("the fleet ended before {waited_for} ({status}); its last line: {last_line}")]
    #[diagnostic(help(
        "`workers.command` must stay in the foreground; all that it printed is in {}",
        log.display()
    ))]
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
    /// The fleet took more of the machine than it may.
    #[error("the fleet was ended, because it had {excess}")]
    #[diagnostic(help("it must not fork, grow or print without end; what it printed is in {}", log.display()))]
    Excess {
        /// What it had too much of, and how much it may have.
        excess: String,
        /// Its output.
        log: PathBuf,
    },
    /// The endpoint did not answer in time.
    #[error("no process of the fleet listens on port {port} after {deadline_ms} ms: {state}")]
    #[diagnostic(help(
        "the fleet must listen on {{metrics_port}} within `ready_deadline_ms`, both in the manifest; what it printed \
         is in {}",
        log.display()
    ))]
    Deadline {
        /// The port.
        port: u16,
        /// How long was waited.
        deadline_ms: u64,
        /// How far the fleet came.
        state: String,
        /// Its output.
        log: PathBuf,
    },
    /// Another process holds the fleet's port.
    #[error("port {port} belongs to {owner}, which is not of the fleet")]
    #[diagnostic(help("{STRANGER}"))]
    Stranger {
        /// The port.
        port: u16,
        /// Who holds it.
        owner: String,
    },
    /// Another process took the port, each time.
    #[error("port {port} was taken by {owner}, which is not of the fleet, as were {} ports before it", attempts - 1)]
    #[diagnostic(help("{STRANGER}"))]
    Port {
        /// The last port that was tried.
        port: u16,
        /// Who holds it.
        owner: String,
        /// How many were tried.
        attempts: u32,
    },
    /// The Docker engine does not do what fleets in containers need.
    #[error("the Docker engine {what}: {reason}")]
    #[diagnostic(help("see `docker info`; without --fleet container fleets are processes of this machine"))]
    Engine {
        /// What it does not do.
        what: &'static str,
        /// What it said.
        reason: String,
    },
    /// An image that fleets are started from is not there.
    #[error("Docker has no image {image}")]
    #[diagnostic(help(
        "ci/build-fleet-images.sh builds it from what this machine has; {variable} names another"
    ))]
    NoImage {
        /// Its name.
        image: String,
        /// The environment variable that names it.
        variable: &'static str,
    },
    /// What a container runs is not found in `/proc`.
    #[error("the process {pid} of a container is not seen in /proc")]
    #[diagnostic(help(
        "fleets are watched from outside of their containers: use the Docker engine of this machine, outside of a \
         container, as a user who may look into what it starts"
    ))]
    OutOfSight {
        /// As the engine calls it.
        pid: i64,
    },
    /// The fleet listens where only its own container reaches it.
    #[error("the fleet listens on port {port} of a loopback address, which is its container's own")]
    #[diagnostic(help(
        "let the command in the manifest listen on {{metrics_host}}: 127.0.0.1 on this machine, 0.0.0.0 in a container"
    ))]
    Loopback {
        /// The port.
        port: u16,
    },
    /// No process fits a fault's target.
    #[error("no process fits the fault's target {target}: {reason}")]
    #[diagnostic(help(
        "a fault hits who has worked, or who listens: let a dispatch with `min_pids` come before it"
    ))]
    NoTarget {
        /// The target.
        target: String,
        /// Why none fits.
        reason: String,
    },
}

/// What to do about a process that listens where the fleet should.
const STRANGER: &str = "end that process and run again; if it is the exporter's own, it must keep the environment variable \
                        COUNTERFOIL_ACKS or the process group, by which a fleet is known";
