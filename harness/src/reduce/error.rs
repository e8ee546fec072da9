//! Why a failure is not made small.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::report::ExitStatus;
use crate::truth::TruthError;

/// Why a failure is not made small.
#[derive(Debug, Error, Diagnostic)]
pub enum ReduceError {
    /// The files cannot be read or merged: there is nothing to compare with.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Truth(#[from] TruthError),
    /// The exporter merges the files as it should.
    #[error("what the exporter makes of the files in {} is right", dir.display())]
    #[diagnostic(help(
        "what failed is not in the merge of these files, but in when or how it was served: `counterfoil replay --again` plays the \
         scenario again, and plan.json holds every task"
    ))]
    Right {
        /// Where the files are.
        dir: PathBuf,
    },
    /// Nobody says how the exporter merges files.
    #[error("it is not known how the exporter merges a directory without a fleet")]
    #[diagnostic(help(
        "let its manifest say so (`[files] merge = […]`), or give the command behind `--`; {{metrics_dir}} in it stands for the \
         directory, and what it prints must be text 0.0.4"
    ))]
    NoMerge,
    /// The exporter's merge ends in an error.
    #[error("the exporter's merge failed, {reason}")]
    #[diagnostic(help("it was: {command}"))]
    Merge {
        /// The command.
        command: String,
        /// What went wrong.
        reason: String,
    },
    /// A part of a file does not fit into a file.
    #[error("{} would be larger than a metric file can be", path.display())]
    #[diagnostic(help("a metric file has less than 2 GiB; which one is so large, and why?"))]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The fixture, or what is tried on the way to it, cannot be written.
    #[error("cannot write {}", path.display())]
    #[diagnostic(help(
        "{}",
        crate::remedy::unwritten(source, "--out, or TMPDIR for what is tried on the way")
    ))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl ReduceError {
    /// The exit code that it stands for: 4 where there is nothing to make small, 3 where that could not be found out.
    pub fn exit(&self) -> ExitStatus {
        match self {
            Self::Right { .. } => ExitStatus::Nothing,
            Self::NoMerge => ExitStatus::Usage,
            _ => ExitStatus::NotJudged,
        }
    }
}
