//! What can be wrong with a baseline.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use crate::remedy;
use crate::report::ExitStatus;

/// A baseline that cannot be used, or not written.
#[derive(Debug, Error, Diagnostic)]
pub enum BaselineError {
    /// It is malformed, or lists what there is not.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Flaw(Box<BaselineFlaw>),
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    #[diagnostic(help("{}", remedy::unread(source)))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write {}", path.display())]
    #[diagnostic(help("{}", remedy::unwritten(source, "--exporter, for a copy of the adapter")))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The adapter is part of this program.
    #[error("the baseline of {name} cannot be written: its adapter is part of this program")]
    #[diagnostic(help("name a manifest by its path: --exporter path/to/manifest.toml --update-baseline"))]
    Embedded {
        /// The exporter.
        name: String,
    },
    /// Its entries are written in a way that cannot be kept while some are added or removed.
    #[error("the entries of {} are a list in brackets", path.display())]
    #[diagnostic(help("write each under a heading [[known]] of its own, and update it then"))]
    Brackets {
        /// The file.
        path: PathBuf,
    },
}

impl BaselineError {
    /// The exit code that it stands for.
    pub(crate) fn exit(&self) -> ExitStatus {
        match self {
            Self::Write { .. } => ExitStatus::NotJudged,
            _ => ExitStatus::Usage,
        }
    }
}

/// A place in a baseline that is wrong. Renders with the offending line.
#[derive(Debug, Error, Diagnostic)]
#[error("baseline {}: {message}", path.display())]
pub struct BaselineFlaw {
    path: PathBuf,
    message: String,
    #[source_code]
    text: NamedSource<String>,
    #[label("here")]
    at: SourceSpan,
    #[help]
    remedy: String,
}

impl BaselineFlaw {
    pub(super) fn at(
        path: &Path,
        text: &str,
        at: Range<usize>,
        message: String,
        remedy: String,
    ) -> BaselineError {
        let name = path.display().to_string();
        BaselineError::Flaw(Box::new(Self {
            path: path.to_path_buf(),
            message,
            text: NamedSource::new(name, text.to_owned()).with_language("toml"),
            at: at.into(),
            remedy,
        }))
    }
}
