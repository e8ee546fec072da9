//! `counterfoil reduce`

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use counterfoil::exporter::Adapter;
use counterfoil::reduce::{Merge, ReduceError, Reduced, Size, reduce};
use counterfoil::replay::{failing_files, setting};
use counterfoil::report::{Bar, ExitStatus};
use miette::Diagnostic;
use thiserror::Error;

use super::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder of a kept scenario whose scrape was not what the files hold, or a directory of metric files
    dir: PathBuf,
    /// Where the fixture is put
    #[arg(long, value_name = "DIR", default_value = "fixture")]
    out: PathBuf,
    /// How the exporter merges {metrics_dir}, printed as text; if nothing is said, as its manifest says
    #[arg(last = true, value_name = "COMMAND")]
    merge: Vec<String>,
}

pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let out = Output::default();
    match reduced(arguments) {
        Ok(reduced) => {
            let Reduced {
                before,
                after,
                merges,
                ..
            } = reduced;
            out.line(format_args!("before  {before}"));
            out.line(format_args!("after   {after}, found by {merges} merges"));
            out.line(format_args!("fixture {}", arguments.out.display()));
            out.end(ExitStatus::Conformant)
        }
        Err(stopped) => {
            let exit = stopped.exit();
            super::complain(stopped);
            exit.into()
        }
    }
}

#[derive(Debug, Error, Diagnostic)]
enum Stopped {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Reduce(#[from] ReduceError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Replay(#[from] counterfoil::replay::ReplayError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Exporter(#[from] counterfoil::exporter::ExporterError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Run(#[from] counterfoil::run::RunError),
    #[error("{} is there already", path.display())]
    #[diagnostic(help("move it away, or choose another place with --out: nothing is written over"))]
    Occupied { path: PathBuf },
}

impl Stopped {
    fn exit(&self) -> ExitStatus {
        match self {
            Self::Reduce(error) => error.exit(),
            Self::Replay(error) => error.exit(),
            Self::Exporter(_) => ExitStatus::NotJudged,
            Self::Run(error) => error.exit(),
            Self::Occupied { .. } => ExitStatus::Usage,
        }
    }
}

fn reduced(arguments: &Arguments) -> Result<Reduced, Stopped> {
    let out = &arguments.out;
    if out.exists() {
        return Err(Stopped::Occupied { path: out.clone() });
    }
    let is_kept = arguments.dir.join("scenario.toml").is_file();
    let (dir, merge) = match is_kept {
        true => (failing_files(&arguments.dir)?, of_the_exporter(arguments)?),
        false => (arguments.dir.clone(), given(arguments, Vec::new())?),
    };
    let bar = Bar::for_people();
    let progress = |size: Size, merges: usize| {
        bar.show(&format!("{size} tried, {merges} merges"));
        ControlFlow::Continue(())
    };
    let reduced = reduce(&dir, &merge, out, &progress);
    bar.clear();
    Ok(reduced?)
}

/// The command behind `--`.
fn given(arguments: &Arguments, env: Vec<(String, String)>) -> Result<Merge, ReduceError> {
    match arguments.merge.is_empty() {
        true => Err(ReduceError::NoMerge),
        false => Ok(Merge {
            command: arguments.merge.clone(),
            env,
            run: None,
        }),
    }
}

/// That command, or what the manifest of the kept scenario's exporter says.
fn of_the_exporter(arguments: &Arguments) -> Result<Merge, Stopped> {
    let setting = setting(&arguments.dir)?;
    let mutant = setting.mutant.into_iter();
    let env: Vec<_> = mutant
        .map(|mutant| (counterfoil_reference::mutant::VARIABLE.to_owned(), mutant))
        .collect();
    if !arguments.merge.is_empty() {
        return Ok(given(arguments, env)?);
    }
    let dir = tempfile::tempdir().map_err(|source| ReduceError::Write {
        path: std::env::temp_dir(),
        source,
    })?;
    let adapter = obtain(&setting.exporter, dir.path())?;
    Ok(Merge::declared(&adapter, &super::program()?, env).ok_or(ReduceError::NoMerge)?)
}

fn obtain(
    selector: &counterfoil::exporter::Selector,
    dir: &Path,
) -> Result<Adapter, counterfoil::exporter::ExporterError> {
    let manifest = counterfoil_reference::MANIFEST;
    Adapter::obtain(selector, manifest, &[], dir, &|_| {})
}
