//! What keeps a bisection from being made.

use std::io;

use miette::Diagnostic;
use thiserror::Error;

use crate::exporter::ExporterError;
use crate::report::ExitStatus;
use crate::run::RunError;

/// What keeps a bisection from being made.
#[derive(Debug, Error, Diagnostic)]
pub enum BisectError {
    /// Something keeps everything from being judged.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Run(#[from] RunError),
    /// A folder for the adapter's files cannot be had.
    #[error("cannot make a temporary folder")]
    #[diagnostic(help("name a place that this user can write to with TMPDIR"))]
    Folder(#[from] io::Error),
    /// An end of the range, or a version that was given, is none.
    #[error("{text:?} is no version")]
    #[diagnostic(help("write it as PEP 440 has it, as in 0.12.1"))]
    NoVersion {
        /// As it was given.
        text: String,
    },
    /// Nothing to compare.
    #[error("there are not two releases of {exporter} between {from} and {to}: {}", if found.is_empty() { "none" } else { found })]
    #[diagnostic(help("--from is the older one; --versions names some by hand"))]
    TooFew {
        /// The exporter.
        exporter: String,
        /// The older end.
        from: String,
        /// The newer end.
        to: String,
        /// What there is.
        found: String,
    },
}

impl From<ExporterError> for BisectError {
    fn from(error: ExporterError) -> Self {
        Self::Run(error.into())
    }
}

impl BisectError {
    /// The exit status of a command that ends with it.
    pub fn exit(&self) -> ExitStatus {
        match self {
            Self::Run(RunError::Exporter(ExporterError::NoReleases { .. })) => ExitStatus::Usage,
            Self::Run(error) => error.exit(),
            Self::Folder(_) => ExitStatus::NotJudged,
            Self::NoVersion { .. } => ExitStatus::Usage,
            Self::TooFew { .. } => ExitStatus::Nothing,
        }
    }
}
