//! A contender in a process of its own: warm, measured inside, its memory its own.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::contender::{Contender, Failure};

/// How long a measurement may take.
const LIMIT: Duration = Duration::from_secs(120);
/// How long a contender's turn lasts at least: about as long as a peer takes for M, since a shared machine is faster and slower by
/// the tenth of a second. What takes less is done again in the contender itself: once, a merge of S would say more of what the
/// contender before has left in the processor's caches, and one by one, of a processor that slept between two requests.
const TURN: Duration = Duration::from_secs(1);

/// A child that speaks the protocol of `peers/rounds.py`.
pub(crate) struct Process {
    name: String,
    child: Child,
    requests: ChildStdin,
    answers: Receiver<String>,
    is_ready: bool,
}

impl Process {
    /// Starts it. Whether it works shows when it is measured.
    pub(crate) fn start<A: AsRef<OsStr>>(
        name: &str,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> anyhow::Result<Box<Self>> {
        let mut child = Command::new(program)
            .args(arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| anyhow::anyhow!("cannot start {}: {error}", program.display()))?;
        let requests = child.stdin.take().expect("it was piped");
        let lines = BufReader::new(child.stdout.take().expect("it was piped"));
        let (sender, answers) = channel();
        // A thread, because a read from a pipe has no deadline.
        thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Box::new(Self {
            name: name.to_owned(),
            child,
            requests,
            answers,
            is_ready: false,
        }))
    }

    fn answer(&mut self) -> Result<String, Failure> {
        self.answers.recv_timeout(LIMIT).map_err(|error| match error {
            RecvTimeoutError::Timeout => Failure::Deadline { limit: LIMIT },
            RecvTimeoutError::Disconnected => Failure::Broken("it ended".to_owned()),
        })
    }
}

impl Contender for Process {
    fn name(&self) -> &str {
        &self.name
    }

    fn measure(&mut self) -> Result<f64, Failure> {
        if !self.is_ready {
            let answer = self.answer()?;
            if answer != "ready" {
                return Err(Failure::Broken(format!("it says {answer:?} for `ready`")));
            }
            self.is_ready = true;
        }
        writeln!(self.requests, "go {}", TURN.as_nanos())?;
        let answer = self.answer()?;
        answer
            .parse()
            .map_err(|_| Failure::Broken(format!("{answer:?} is no time")))
    }

    fn peak_mib(&self) -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
