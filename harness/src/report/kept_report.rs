//! The reports that runs have left, as they are found and read again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use serde::Deserialize;
use serde::de::IgnoredAny;
use thiserror::Error;

use super::{ExitStatus, RunReport, run_report};
use crate::matrix::{self, Matrix};
use crate::remedy;

/// A report that is not there, or that is none.
#[derive(Debug, Error, Diagnostic)]
pub enum KeptReportError {
    /// The folder holds none, nor does a folder in it.
    #[error("{} holds no report", path.display())]
    #[diagnostic(help(
        "name the folder of a run or of a matrix, counterfoil.out/RUN, a folder of such, or a report.json or matrix.json; what was \
         interrupted has left none"
    ))]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    #[diagnostic(help("{}", remedy::unread(source)))]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not what a run leaves.
    #[error("{} is not the report of a run: {reason}", path.display())]
    #[diagnostic(help(
        "give what this release has written; report.json of a scenario's own folder is about that scenario alone"
    ))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl KeptReportError {
    /// The exit status of a command that ends with it.
    pub fn exit(&self) -> ExitStatus {
        match self {
            Self::Malformed { .. } => ExitStatus::Usage,
            Self::Nothing { .. } | Self::Read { .. } => ExitStatus::NotJudged,
        }
    }
}

/// The files of the reports in `path`: itself, or that of the folder of a run or a matrix, or those of such folders in a
/// folder, by name.
///
/// # Errors
/// It holds none, or a run in it has left none, or it cannot be listed.
pub fn find(path: &Path) -> Result<Vec<PathBuf>, KeptReportError> {
    let unreadable = |source| KeptReportError::Read {
        path: path.to_path_buf(),
        source,
    };
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    if let Some(file) = report_in(path)? {
        return Ok(vec![file]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        files.extend(report_in(&entry.map_err(unreadable)?.path())?);
    }
    files.sort();
    match files.is_empty() {
        true => Err(KeptReportError::Nothing {
            path: path.to_path_buf(),
        }),
        false => Ok(files),
    }
}

/// The report in the folder of a run or a matrix; `None`: it is neither's. One that is joined has no `run.json` beside it.
fn report_in(folder: &Path) -> Result<Option<PathBuf>, KeptReportError> {
    let (file, matrix) = (folder.join("report.json"), folder.join("matrix.json"));
    // A self-test leaves a `matrix.json` of its own kind, and a `run.json` beside it.
    if matrix.is_file() && !folder.join("run.json").is_file() {
        return Ok(Some(matrix));
    }
    let is_scenarios = folder.join("scenario.toml").is_file();
    match (file.is_file() && !is_scenarios, folder.join("run.json").is_file()) {
        (true, _) => Ok(Some(file)),
        (false, true) => Err(KeptReportError::Nothing {
            path: folder.to_path_buf(),
        }),
        (false, false) => Ok(None),
    }
}

/// What a run or a matrix has left.
#[derive(Clone, Debug)]
pub enum KeptReport {
    /// Of a run, or of several that were joined.
    Run(Box<RunReport>),
    /// Of a matrix, or of shares of one that were joined.
    Matrix(Box<Matrix>),
}

/// Reads a report.
///
/// # Errors
/// It cannot be read, or is not what this release writes.
pub fn read(path: &Path) -> Result<KeptReport, KeptReportError> {
    /// What tells one from the other.
    #[derive(Deserialize)]
    struct Kind {
        schema: u32,
        cells: Option<IgnoredAny>,
    }
    let text = fs::read_to_string(path).map_err(|source| KeptReportError::Read {
        path: path.to_path_buf(),
        source,
    })?;
    let malformed = |reason: String| KeptReportError::Malformed {
        path: path.to_path_buf(),
        reason,
    };
    let no_report = |error: serde_json::Error| malformed(error.to_string());
    let kind: Kind = serde_json::from_str(&text).map_err(no_report)?;
    let known = match kind.cells {
        Some(_) => matrix::SCHEMA,
        None => run_report::SCHEMA,
    };
    if kind.schema != known {
        return Err(malformed(format!("it is of schema {}", kind.schema)));
    }
    match kind.cells {
        Some(_) => serde_json::from_str(&text).map(KeptReport::Matrix),
        None => serde_json::from_str(&text).map(KeptReport::Run),
    }
    .map_err(no_report)
}
