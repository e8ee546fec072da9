//! The exporter's own merge, as a command.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::ReduceError;
use crate::exporter::{Adapter, Expansion};
use crate::fleet::RunId;

/// How long one merge may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// The most that it may print.
const OUTPUT_LIMIT: u64 = 128 << 20;

/// A command that prints, as text 0.0.4, what an exporter serves of the metric files in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Program and arguments; `{metrics_dir}` stands for the directory.
    pub command: Vec<String>,
    /// Environment on top of this process's own.
    pub env: Vec<(String, String)>,
    /// The run that it belongs to, if any: its reaper knows it by that.
    pub run: Option<RunId>,
}

impl Merge {
    /// As the exporter's manifest says, if it does; `program` stands for this executable in it.
    pub fn declared(adapter: &Adapter, program: &Path, env: Vec<(String, String)>) -> Option<Self> {
        let expansion = Expansion::of(adapter, program);
        let words = adapter.manifest.files.merge().iter();
        let command: Vec<String> = words.map(|word| expansion.apply(word)).collect();
        (!command.is_empty()).then_some(Self {
            command,
            env,
            run: None,
        })
    }

    /// What it prints for the files in `dir`.
    pub(super) fn text(&self, dir: &Path) -> Result<Vec<u8>, ReduceError> {
        let failed = |reason: String| ReduceError::Merge {
            command: self.shown(),
            reason,
        };
        let command: Vec<String> = self.expanded(dir);
        let (program, arguments) = command.split_first().ok_or(ReduceError::NoMerge)?;
        let mut child = Command::new(program)
            .args(arguments)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .env("PROMETHEUS_MULTIPROC_DIR", dir)
            .envs(self.run.iter().map(|run| (RunId::VARIABLE, run.as_str())))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(format!("{program} cannot be started: {error}")))?;
        let out = gathered(child.stdout.take());
        let err = gathered(child.stderr.take());
        let status = ended(&mut child).map_err(&failed)?;
        let out = out.join().unwrap_or_default();
        let err = err.join().unwrap_or_default();
        if out.len() as u64 > OUTPUT_LIMIT {
            return Err(failed(format!("it prints more than {OUTPUT_LIMIT} bytes")));
        }
        match status.success() {
            true => Ok(out),
            false => Err(failed(format!("{status}: {}", last_line(&err)))),
        }
    }

    /// As a shell reads it, with its placeholder.
    pub(super) fn shown(&self) -> String {
        let env = self.env.iter().map(|(name, value)| format!("{name}={value}"));
        let words = self.expanded(Path::new("metrics"));
        let words = words.iter().map(|word| match shlex::try_quote(word) {
            Ok(quoted) => quoted.into_owned(),
            Err(_) => word.clone(),
        });
        env.chain(words).collect::<Vec<_>>().join(" ")
    }

    fn expanded(&self, dir: &Path) -> Vec<String> {
        let dir = dir.display().to_string();
        let words = self.command.iter();
        words.map(|word| word.replace("{metrics_dir}", &dir)).collect()
    }
}

/// Reads a pipe to its end, in a thread, so that its writer is never kept waiting.
fn gathered(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // What a process that was killed still had to say is of no matter.
            let _ = pipe.take(OUTPUT_LIMIT + 1).read_to_end(&mut bytes);
        }
        bytes
    })
}

/// Waits until the child ends, or kills it at the deadline; the error says why.
fn ended(child: &mut Child) -> Result<ExitStatus, String> {
    let deadline = Instant::now() + DEADLINE;
    let mut pause = Duration::from_micros(200);
    loop {
        let reason = match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < deadline => {
                // Sleeps, bounded by the deadline, between two looks at a child that tells nobody when it ends.
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(20));
                continue;
            }
            Ok(None) => format!("it did not end within {} s", DEADLINE.as_secs()),
            Err(error) => error.to_string(),
        };
        let _ = child.kill();
        let _ = child.wait();
        return Err(reason);
    }
}

fn last_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    crate::report::printable(text.trim_end().lines().last().unwrap_or("it says nothing"))
}
