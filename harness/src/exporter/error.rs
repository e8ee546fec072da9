//! What can go wrong before an exporter runs.

use std::io;
use std::path::PathBuf;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use crate::remedy;

/// An exporter that cannot be obtained, or a manifest that cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum ExporterError {
    /// No adapter of that name is embedded and no such file exists.
    #[error("there is no exporter {name:?}")]
    #[diagnostic(help("{remedy}, or give the path of a manifest.toml"))]
    Unknown {
        /// What was asked for.
        name: String,
        /// Which there are.
        remedy: String,
    },
    /// `NAME@PATH`, and nothing is at that path.
    #[error("there is no checkout or wheel {}", path.display())]
    #[diagnostic(help("NAME@PATH takes one that exists, NAME@VERSION a release, as in taskiq@0.13.0"))]
    NoCheckout {
        /// The path.
        path: PathBuf,
    },
    /// `NAME@FOLDER`, without the `/` that makes a path of it.
    #[error("{asked:?} is a path here, and would be taken for a version of {name}")]
    #[diagnostic(help("a path has a / in it: {name}@./{asked}"))]
    PathAsVersion {
        /// The exporter.
        name: String,
        /// What was asked for.
        asked: String,
    },
    /// A version was asked for, and nothing in the manifest depends on it.
    #[error("{name} is {has} here, and no other version of it can be had")]
    #[diagnostic(help("leave @{asked} out: its manifest neither installs a {{version}} nor starts one"))]
    OneVersion {
        /// The exporter.
        name: String,
        /// Its version.
        has: String,
        /// What was asked for.
        asked: String,
    },
    /// Its releases are asked for, and it is none of those that an index has.
    #[error("which releases of {name} there are cannot be told: its manifest installs nothing")]
    #[diagnostic(help("name them with --versions"))]
    NoReleases {
        /// The exporter.
        name: String,
    },
    /// The manifest is malformed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Manifest(Box<ManifestError>),
    /// A file of the adapter cannot be read.
    #[error("cannot read {}", path.display())]
    #[diagnostic(help("{}", remedy::unread(source)))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the adapter or of its environment cannot be written.
    #[error("cannot write {}", path.display())]
    #[diagnostic(help(
        "{}",
        remedy::unwritten(source, "--out, or one for environments with XDG_CACHE_HOME")
    ))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program that obtaining the exporter needs is missing or failed.
    #[error("{what} failed: {reason}")]
    #[diagnostic(help(
        "is there such a release, and does the package index answer? all that was printed is in {}",
        log.display()
    ))]
    Obtain {
        /// What was being done.
        what: String,
        /// How it ended.
        reason: String,
        /// Where its output is.
        log: PathBuf,
    },
    /// A checkout cannot be installed beside what the lock pins.
    #[error("{} cannot be installed: {reason}", checkout.display())]
    #[diagnostic(help(
        "beside it goes what {} pins; does it want other releases of that? all that was printed is in {}",
        lock.display(),
        log.display()
    ))]
    ObtainCheckout {
        /// The checkout or wheel.
        checkout: PathBuf,
        /// The lock of the manifest's own version.
        lock: PathBuf,
        /// How it ended.
        reason: String,
        /// Where its output is.
        log: PathBuf,
    },
    /// Python is not on this machine.
    #[error("exporter {name:?} needs Python, and {reason}")]
    #[diagnostic(help("install python3 with venv, or name an interpreter with COUNTERFOIL_PYTHON"))]
    NoPython {
        /// The exporter.
        name: String,
        /// What was tried.
        reason: String,
    },
    /// Node is not on this machine.
    #[error("exporter {name:?} needs Node, and {reason}")]
    #[diagnostic(help("install Node and npm"))]
    NoNode {
        /// The exporter.
        name: String,
        /// What was tried.
        reason: String,
    },
    /// What its manifest says must be on this machine is not.
    #[error("exporter {name:?} needs what is not on this machine: {reason}")]
    #[diagnostic(help("{remedy}"))]
    NoPrograms {
        /// The exporter.
        name: String,
        /// What is missing.
        reason: String,
        /// How it is had, in the manifest's words.
        remedy: String,
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
