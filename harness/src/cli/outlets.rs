//! Where a report goes beside stdout: a file of JUnit's, a job of GitHub's.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use counterfoil::remedy;
use counterfoil::report::{RunReport, github, junit};
use counterfoil::whole_file;
use miette::Diagnostic;
use thiserror::Error;

use super::MessageFormat;
use super::output::Output;

/// A report that was asked for and cannot be written.
#[derive(Debug, Error, Diagnostic)]
#[error("cannot write {}", path.display())]
#[diagnostic(help("{}", remedy::unwritten(source, place)))]
pub(super) struct Unwritten {
    pub(super) path: PathBuf,
    /// What chooses another place.
    pub(super) place: &'static str,
    pub(super) source: io::Error,
}

/// Writes a report as JUnit XML.
pub(super) fn write_junit(file: &Path, report: &RunReport) -> Result<(), Unwritten> {
    let text = junit::render(report.exporter(), &report.control_failures, &report.reports);
    let text = text.map_err(io::Error::other);
    let written = text.and_then(|text| whole_file::write(file, text.as_bytes()));
    written.map_err(|source| Unwritten {
        path: file.to_path_buf(),
        place: "--junit",
        source,
    })
}

/// In a job of GitHub's: annotations between the lines for people, and a table in the job's summary.
pub(super) fn tell_github(format: MessageFormat, out: &Output, report: &RunReport) -> Result<(), Unwritten> {
    let all: Vec<_> = report.all().cloned().collect();
    if format == MessageFormat::Human
        && std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
    {
        out.text(github::annotations(&all));
    }
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY")
        .filter(|file| !file.is_empty())
        .map(PathBuf::from)
    else {
        return Ok(());
    };
    let text = github::job_summary(report.exporter(), &report.summary, &all);
    let appended = File::options().create(true).append(true).open(&file);
    let appended = appended.and_then(|mut file| file.write_all(text.as_bytes()));
    appended.map_err(|source| Unwritten {
        path: file,
        place: "GITHUB_STEP_SUMMARY",
        source,
    })
}
