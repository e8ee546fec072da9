//! What can go wrong before an exporter runs.

use std::io;
use std::path::PathBuf;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// An exporter that cannot be obtained, or a manifest that cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum ExporterError {
    /// No adapter of that name is embedded and no such file exists.
    #[error("there is no exporter {name:?}")]
    #[diagnostic(help("known: {known}; or give the path of a manifest.toml"))]
    Unknown {
        /// What was asked for.
        name: String,
        /// The names of the embedded adapters.
        known: String,
    },
    /// The manifest is malformed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Manifest(Box<ManifestError>),
    /// A file of the adapter cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program that obtaining the exporter needs is missing or failed.
    #[error("{what} failed: {reason}")]
    #[diagnostic(help("the whole log is in {}", log.display()))]
    Obtain {
        /// What was being done.
        what: String,
        /// How it ended.
        reason: String,
        /// Where its output is.
        log: PathBuf,
    },
    /// Python is not on this machine.
    #[error("exporter {name:?} needs Python, and {reason}")]
    #[diagnostic(help("install python3 with venv, or uv"))]
    NoPython {
        /// The exporter.
        name: String,
        /// What was tried.
        reason: String,
    },
}

/// A manifest that is malformed or of another protocol. Renders with the offending line.
#[derive(Debug, Error, Diagnostic)]
#[error("manifest {path}: {message}")]
pub struct ManifestError {
    /// The manifest's file.
    pub path: String,
    /// What is wrong.
    pub message: String,
    #[source_code]
    pub(super) text: NamedSource<String>,
    #[label("here")]
    pub(super) at: SourceSpan,
    #[help]
    pub(super) remedy: Option<String>,
}

impl From<ManifestError> for ExporterError {
    fn from(error: ManifestError) -> Self {
        Self::Manifest(Box::new(error))
    }
}
