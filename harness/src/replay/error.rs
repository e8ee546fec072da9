//! Why a kept run cannot be judged again.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::exporter::ExporterError;
use crate::report::ExitStatus;
use crate::scenario::ScenarioError;

/// Why a kept run cannot be judged again.
#[derive(Debug, Error, Diagnostic)]
pub enum ReplayError {
    /// No scenario was kept there.
    #[error("{} holds no kept scenario", path.display())]
    #[diagnostic(help(
        "name a run's folder, counterfoil.out/RUN, or that of one of its scenarios, counterfoil.out/RUN/FAMILY__BEHAVIOUR"
    ))]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
    /// Several were, and one is played again at a time.
    #[error("{} holds several kept scenarios", path.display())]
    #[diagnostic(help("name one of them: {}", first.display()))]
    Several {
        /// The folder.
        path: PathBuf,
        /// One of them.
        first: PathBuf,
    },
    /// Nothing that was served there differed from the files.
    #[error("scrape/equals-truth did not fail in {}", path.display())]
    #[diagnostic(help(
        "only a scrape that is not what the files hold can be made small; `counterfoil replay` says what failed"
    ))]
    NoDifference {
        /// The scenario's folder.
        path: PathBuf,
    },
    /// A file of it is not there, or cannot be read.
    #[error("cannot read {}", path.display())]
    #[diagnostic(help(
        "what was kept must be there whole; a run of an older release, or one that was interrupted, did not keep everything"
    ))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no room for what is played again.
    #[error("cannot write {}", path.display())]
    #[diagnostic(help("play it again where the kept run can be written to: a copy of its folder will do"))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of it is not what a run keeps.
    #[error("{} is not what a run keeps: {reason}", path.display())]
    #[diagnostic(help("was it changed? a run's own files are described in harness/docs/kept-run.md"))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The scenario is none of this release.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Scenario(#[from] Box<ScenarioError>),
    /// The manifest is none of this release.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Exporter(#[from] ExporterError),
}

impl ReplayError {
    /// The exit code that it stands for.
    pub fn exit(&self) -> ExitStatus {
        match self {
            Self::Nothing { .. } | Self::NoDifference { .. } => ExitStatus::Nothing,
            Self::Several { .. } => ExitStatus::Usage,
            _ => ExitStatus::NotJudged,
        }
    }
}
