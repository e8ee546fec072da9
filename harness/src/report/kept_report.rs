//! The reports that runs have left, as they are found and read again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::{ExitStatus, RunReport};
use crate::remedy;

/// A report that is not there, or that is none.
#[derive(Debug, Error, Diagnostic)]
pub enum KeptReportError {
    /// The folder holds none, nor does a folder in it.
    #[error("{} holds no report", path.display())]
    #[diagnostic(help(
        "name the folder of a run, counterfoil.out/RUN, a folder of such, or a report.json; a run that was interrupted has none"
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

/// The files of the reports in `path`: itself, or that of a run's folder, or those of the runs in a folder, by name.
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

/// The report in a run's folder; `None`: it is no run's. One that is joined has no `run.json` beside it.
fn report_in(folder: &Path) -> Result<Option<PathBuf>, KeptReportError> {
    let file = folder.join("report.json");
    let is_scenarios = folder.join("scenario.toml").is_file();
    match (file.is_file() && !is_scenarios, folder.join("run.json").is_file()) {
        (true, _) => Ok(Some(file)),
        (false, true) => Err(KeptReportError::Nothing {
            path: folder.to_path_buf(),
        }),
        (false, false) => Ok(None),
    }
}

/// Reads a report.
///
/// # Errors
/// It cannot be read, or is not what this release writes.
pub fn read(path: &Path) -> Result<RunReport, KeptReportError> {
    let text = fs::read_to_string(path).map_err(|source| KeptReportError::Read {
        path: path.to_path_buf(),
        source,
    })?;
    let malformed = |reason: String| KeptReportError::Malformed {
        path: path.to_path_buf(),
        reason,
    };
    let report: RunReport = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
    match report.is_known() {
        true => Ok(report),
        false => Err(malformed(format!("it is of schema {}", report.schema))),
    }
}
