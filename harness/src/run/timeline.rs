//! `timeline.jsonl`: what happened to one scenario's fleet, and when.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use serde::Serialize;

use super::RunError;
use crate::exporter::Pid;
use crate::scenario::{BrokerFault, Contents, DirectoryFault, NetworkFault};

/// Something that happened.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Moment<'a> {
    /// The fleet listens; these are its processes.
    FleetStarted {
        pids: Vec<Pid>,
        url: &'a str,
        port_owner: Option<Pid>,
    },
    /// A second fleet listens beside it.
    NeighbourStarted { pids: Vec<Pid>, url: &'a str },
    /// A second generation of it listens, and works on the same directory and queue.
    SuccessorStarted { pids: Vec<Pid>, url: &'a str },
    /// A step begins, counted from 1.
    StepBegun { step: usize, name: &'static str },
    /// It is over; the error is why it could not be done.
    StepEnded {
        step: usize,
        name: &'static str,
        error: Option<String>,
    },
    /// A process is sent a signal.
    Fault {
        pid: Pid,
        signal: &'static str,
        target: String,
    },
    /// The network between the fleet and its broker was harmed, or restored.
    Network {
        #[serde(flatten)]
        harm: NetworkFault,
    },
    /// The broker was harmed, or goes on.
    Broker {
        #[serde(rename = "broker")]
        harm: BrokerFault,
    },
    /// The directory of the metric files was harmed, or is writable again.
    Directory {
        #[serde(rename = "directory")]
        harm: DirectoryFault,
    },
    /// A file was put among the metric files.
    Planted { file: &'a str, holds: Contents },
    /// Files of so many processes that are gone were put among the metric files.
    Inherited { processes: u32 },
    /// The supervisor was asked for one worker more or fewer, and has done so.
    Scaled {
        workers: u32,
        signal: &'static str,
        came: Vec<Pid>,
        gone: Vec<Pid>,
    },
    /// A killed process is gone.
    Death { pid: Pid, after_ms: f64 },
    /// A killed process is gone, and the one in its place has its pid.
    Reborn { pid: Pid },
    /// The endpoint answers again, from this process.
    Endpoint { port_owner: Option<Pid> },
    /// Metric files were removed.
    Wiped { files: usize },
    /// How waiting for quiet ended.
    Quiet {
        outcome: Quiet,
        took_ms: f64,
        open: usize,
        indeterminate: usize,
    },
    /// An observation was kept, in this folder.
    Observed { folder: String, status: Option<u16> },
    /// The fleet has ended; these processes outlived its own end and were killed.
    FleetEnded { left_over: Vec<Pid> },
}

/// How waiting for quiet ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Quiet {
    /// Files and ledger agree.
    Agreed,
    /// The files rest, but the ledger asks for something else.
    Disagreed,
    /// The deadline came first.
    Deadline,
}

#[derive(Serialize)]
struct Line<'a> {
    at_ms: f64,
    #[serde(flatten)]
    moment: Moment<'a>,
}

/// Writes moments down as they come, each as one whole line with its offset from the scenario's start.
#[derive(Debug)]
pub(super) struct Timeline {
    path: PathBuf,
    file: File,
    start: Instant,
}

impl Timeline {
    pub(super) fn create(path: PathBuf) -> Result<Self, RunError> {
        let file = File::create(&path).map_err(|source| RunError::Io {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            path,
            file,
            start: Instant::now(),
        })
    }

    /// When the scenario started.
    pub(super) fn start(&self) -> Instant {
        self.start
    }

    pub(super) fn record(&mut self, moment: Moment<'_>) -> Result<(), RunError> {
        let at_ms = ms(self.start.elapsed());
        let line = serde_json::to_string(&Line { at_ms, moment }).map_err(std::io::Error::from);
        let written = line.and_then(|line| self.file.write_all((line + "\n").as_bytes()));
        written.map_err(|source| RunError::Io {
            path: self.path.clone(),
            source,
        })
    }
}

/// Milliseconds, to the microsecond.
pub(super) fn ms(duration: std::time::Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_on_disk_with_its_offset_as_soon_as_it_happened() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("timeline.jsonl");
        let mut timeline = Timeline::create(path.clone()).unwrap();
        timeline
            .record(Moment::StepBegun {
                step: 1,
                name: "dispatch",
            })
            .unwrap();
        let line: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!((&line["event"], &line["step"]), (&"step-begun".into(), &1.into()));
        assert!(line["at_ms"].as_f64().unwrap() >= 0.0);
    }

    #[test]
    fn a_full_disk_is_an_error_that_names_the_file() {
        let mut timeline = Timeline::create("/dev/full".into()).unwrap();
        let error = timeline
            .record(Moment::FleetEnded {
                left_over: Vec::new(),
            })
            .unwrap_err();
        assert_eq!(error.to_string(), "cannot write /dev/full");
        assert!(error.remedy().unwrap().starts_with("make room"), "{error:?}");
    }
}
