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
    #[error("manifest {path}: {message}")]
    Manifest {
        /// The manifest's file.
        path: String,
        /// What is wrong.
        message: String,
        /// The text, for the rendered error.
        #[source_code]
        text: NamedSource<String>,
        /// Where.
        #[label("here")]
        at: SourceSpan,
        /// What to do.
        #[help]
        remedy: Option<String>,
    },
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
