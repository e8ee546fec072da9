//! Contenders written in Rust, each in a process of its own: counterfoil, the peers that are crates, and the limits.

mod merge;
mod parse;
mod record;
mod scenario;

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Subcommand;

use crate::process::Process;
use crate::rounds::Spread;

/// Which one.
#[derive(Debug, Subcommand)]
pub(crate) enum Which {
    /// Merges a directory to text
    Merge(merge::Merge),
    /// Reads every used byte of a directory
    Touch(merge::Touch),
    /// Parses an exposition
    Parse(parse::Parse),
    /// Records
    Record(record::Record),
    /// What the harness does for one observation
    Observe(scenario::Observe),
}

impl Which {
    /// Speaks the protocol of `peers/rounds.py` until its input ends.
    pub(crate) fn serve(&self) -> anyhow::Result<()> {
        match self {
            Self::Merge(merge) => merge.serve(),
            Self::Touch(touch) => touch.serve(),
            Self::Parse(parse) => parse.serve(),
            Self::Record(record) => record.serve(),
            Self::Observe(observe) => observe.serve(),
        }
    }
}

/// This program again, as the contender of those arguments.
pub(crate) fn start(name: &str, arguments: &[&str]) -> anyhow::Result<Box<Process>> {
    let program = std::env::current_exe()?;
    Process::start(name, &program, ["contender"].iter().chain(arguments))
}

/// A path as an argument.
pub(crate) fn argument(path: &Path) -> &str {
    path.to_str().expect("the cache's path is UTF-8")
}

/// Answers every turn with the nanoseconds of one call.
fn serve(mut measure: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<()> {
    answer(|| {
        let began = Instant::now();
        measure()?;
        Ok(began.elapsed().as_nanos() as f64)
    })
}

/// Answers every turn with the nanoseconds of one operation: of `CHUNKS` times `TIMES` of them, the fastest chunk's,
/// which is short enough that whatever else runs on the machine lets it through whole.
fn repeat(mut operation: impl FnMut(usize)) -> anyhow::Result<()> {
    const TIMES: usize = 50_000;
    const CHUNKS: usize = 40;
    answer(|| {
        let chunk = |_| {
            let began = Instant::now();
            (0..TIMES).for_each(&mut operation);
            began.elapsed().as_nanos() as f64 / TIMES as f64
        };
        Ok((0..CHUNKS).map(chunk).fold(f64::INFINITY, f64::min))
    })
}

fn answer(mut measure: impl FnMut() -> anyhow::Result<f64>) -> anyhow::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "ready")?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let turn = line.strip_prefix("go ").context("the only request is `go`")?;
        let turn = Duration::from_nanos(turn.parse()?);
        let began = Instant::now();
        let first = measure()?;
        let mut again = Vec::new();
        while began.elapsed() < turn {
            again.push(measure()?);
        }
        writeln!(out, "{}", Spread::of(again).map_or(first, |again| again.median))?;
    }
    Ok(())
}
