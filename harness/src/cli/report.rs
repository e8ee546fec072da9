//! `counterfoil report`

use std::fs;
use std::io::{self};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use counterfoil::matrix::{self, Matrix};
use counterfoil::report::{
    Event, ExitStatus, JoinError, KeptReport, KeptReportError, Listener, RunReport, Terminal, find, join,
    read,
};
use counterfoil::whole_file;
use miette::Diagnostic;
use thiserror::Error;

use super::MessageFormat;
use super::outlets::{Unwritten, tell_github, write_junit};
use super::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Joins the reports of shards, or of several runs of one exporter, or of shares of a matrix, into one
    Merge(Merge),
}

#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// Folders of runs or of matrices, folders of such, or their report.json or matrix.json
    #[arg(required = true, value_name = "DIR")]
    reports: Vec<PathBuf>,
    /// Where the joined report.json is put, or matrix.json and the pages of a matrix
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Also writes the report as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// What keeps reports from being joined.
#[derive(Debug, Error, Diagnostic)]
enum MergeError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Kept(#[from] KeptReportError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Join(#[from] JoinError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Unwritten(#[from] Unwritten),
    #[error("a matrix cannot be written as JUnit")]
    #[diagnostic(help("leave --junit out; matrix.json and its pages are written"))]
    NoJunit,
}

impl MergeError {
    fn exit(&self) -> ExitStatus {
        match self {
            Self::Kept(error) => error.exit(),
            Self::Join(error) => error.exit(),
            Self::Unwritten(_) => ExitStatus::NotJudged,
            Self::NoJunit => ExitStatus::Usage,
        }
    }
}

pub(crate) fn main(command: Command) -> ExitCode {
    let Command::Merge(arguments) = command;
    let out = Output::default();
    match merge(&arguments, &out) {
        Ok(status) => out.end(status),
        Err(error) => {
            let exit = error.exit();
            super::complain(error);
            exit.into()
        }
    }
}

fn merge(arguments: &Merge, out: &Output) -> Result<ExitStatus, MergeError> {
    let (mut runs, mut matrices) = (Vec::new(), Vec::new());
    for given in &arguments.reports {
        for file in find(given)? {
            match read(&file)? {
                KeptReport::Run(report) => runs.push((file, *report)),
                KeptReport::Matrix(matrix) => matrices.push((file, *matrix)),
            }
        }
    }
    match (runs.first(), matrices.first()) {
        (Some((run, _)), Some((matrix, _))) => Err(MergeError::Join(JoinError::Mixed {
            run: run.clone(),
            matrix: matrix.clone(),
        })),
        (None, Some(_)) => merge_matrices(arguments, matrices, out),
        _ => merge_runs(arguments, runs, out),
    }
}

fn merge_runs(
    arguments: &Merge,
    runs: Vec<(PathBuf, RunReport)>,
    out: &Output,
) -> Result<ExitStatus, MergeError> {
    let joined = join(runs)?;
    let text = serde_json::to_vec_pretty(&joined).expect("a report holds nothing that JSON cannot");
    // Nothing fails for the want of room after half of it was told.
    let file = write(&arguments.out, Path::new("report.json"), &text)?;
    if let Some(junit) = &arguments.junit {
        write_junit(junit, &joined)?;
    }
    draw(&joined, &file, out);
    tell_github(MessageFormat::Human, out, &joined)?;
    Ok(joined.summary.exit())
}

fn merge_matrices(
    arguments: &Merge,
    matrices: Vec<(PathBuf, Matrix)>,
    out: &Output,
) -> Result<ExitStatus, MergeError> {
    if arguments.junit.is_some() {
        return Err(MergeError::NoJunit);
    }
    let joined = matrix::join(matrices)?;
    write(&arguments.out, Path::new("matrix.json"), &joined.json())?;
    for (path, page) in joined.pages() {
        write(&arguments.out, &path, page.as_bytes())?;
    }
    out.line(format_args!("{}\n", joined.command));
    out.text(joined.draw(super::colour(&io::stdout())));
    out.line(format_args!(
        "report    {}",
        arguments.out.join(matrix::FIRST_PAGE).display()
    ));
    Ok(joined.exit())
}

fn write(dir: &Path, path: &Path, text: &[u8]) -> Result<PathBuf, Unwritten> {
    let file = dir.join(path);
    let folder = file.parent().unwrap_or(dir);
    let written = fs::create_dir_all(folder).and_then(|()| whole_file::write(&file, text));
    match written {
        Ok(()) => Ok(file),
        Err(source) => Err(Unwritten {
            path: file,
            place: "--out",
            source,
        }),
    }
}

/// As a run draws it, but for what comes before its first scenario.
fn draw(joined: &RunReport, file: &Path, out: &Output) {
    let conditions = &joined.conditions;
    let runs: Vec<&str> = joined.runs.iter().map(|part| part.run.as_str()).collect();
    out.line(format_args!(
        "counterfoil {}, runs {}",
        conditions.counterfoil,
        runs.join(", ")
    ));
    out.line(format_args!("exporter  {}", conditions.exporter));
    if let Some(set) = conditions.requirements {
        out.line(format_args!("judged by requirement set {set}"));
    }
    out.line(format_args!("report    {}\n", file.display()));
    let mut terminal = Terminal::new(out.clone(), super::colour(&io::stdout()), false, false);
    if !joined.control_failures.is_empty() {
        terminal.on(&Event::ControlFinished {
            planned: joined.summary.planned,
            passed: false,
            failures: joined.control_failures.clone(),
        });
    }
    for report in &joined.reports {
        terminal.on(&Event::ScenarioFinished(Box::new(report.clone())));
    }
    terminal.on(&Event::RunFinished(joined.summary.clone()));
}
