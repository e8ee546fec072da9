//! What keeps a run, or one scenario of it, from being judged.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::broker::BrokerError;
use crate::exporter::ExporterError;
use crate::fleet::FleetError;
use crate::ledger::AckError;
use crate::report::ExitStatus;
use crate::scenario::CatalogueError;
use crate::scrape::ScrapeError;

/// The run could not judge; never that an exporter is wrong.
#[derive(Debug, Error, Diagnostic)]
pub enum RunError {
    /// There are no scenarios, or one of them is wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Scenarios(#[from] CatalogueError),
    /// No scenario fits the filters.
    #[error("no scenario matches {filters:?}")]
    #[diagnostic(help("`counterfoil list` shows them all"))]
    NothingMatches {
        /// What was asked for.
        filters: Vec<String>,
    },
    /// The exporter cannot be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Exporter(#[from] ExporterError),
    /// The broker cannot be had, or is gone.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Broker(#[from] BrokerError),
    /// A process cannot be started or does not come up.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Fleet(#[from] FleetError),
    /// The scraper cannot be set up.
    #[error(transparent)]
    Scrape(#[from] ScrapeError),
    /// A worker wrote something else than an acknowledgement.
    #[error("the worker program is out of the protocol: {0}")]
    Ack(#[from] AckError),
    /// A worker refused a task, or acknowledged one that it was not given.
    #[error("the worker program is out of the protocol: {reason}")]
    Protocol {
        /// What it did.
        reason: String,
    },
    /// Something that a step waits for did not happen.
    #[error("step {step} ({name}): {reason}")]
    Step {
        /// The step, from 1.
        step: usize,
        /// Its name.
        name: &'static str,
        /// What did not happen.
        reason: String,
    },
    /// SIGINT or SIGTERM came.
    #[error("{signal}: everything that the run had started is ended")]
    Interrupted {
        /// Which.
        signal: &'static str,
    },
    /// A file of the run cannot be written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl RunError {
    /// Whether it is the suite's own fault.
    pub fn is_internal(&self) -> bool {
        matches!(self, Self::Scenarios(_))
    }

    /// The exit status of a run that ends with it.
    pub fn exit(&self) -> ExitStatus {
        match self {
            Self::Scenarios(CatalogueError::Empty { .. }) | Self::NothingMatches { .. } => {
                ExitStatus::Nothing
            }
            Self::Scenarios(CatalogueError::Folder { .. })
            | Self::Broker(BrokerError::Unknown { .. })
            | Self::Exporter(ExporterError::Unknown { .. } | ExporterError::Manifest(_)) => ExitStatus::Usage,
            Self::Scenarios(_) => ExitStatus::Internal,
            _ => ExitStatus::NotJudged,
        }
    }

    /// The message and those of its causes, in one line.
    pub fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(source) = cause {
            let next = source.to_string();
            if !text.contains(&next) {
                text = format!("{text}: {next}");
            }
            cause = source.source();
        }
        text
    }
}
