//! What keeps a run, or one scenario of it, from being judged.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use super::Shard;
use crate::baseline::BaselineError;
use crate::broker::BrokerError;
use crate::cause::in_one_line;
use crate::exporter::{ExporterError, FileLayout, Pid};
use crate::fleet::FleetError;
use crate::ledger::{Ack, AckError};
use crate::remedy;
use crate::report::ExitStatus;
use crate::requirements::RequirementsError;
use crate::scenario::CatalogueError;
use crate::scrape::ScrapeError;

/// The run could not judge; never that an exporter is wrong.
#[derive(Debug, Error, Diagnostic)]
pub enum RunError {
    /// There are no scenarios, or one of them is wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Scenarios(#[from] CatalogueError),
    /// There is no such requirement set.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Requirements(#[from] RequirementsError),
    /// What the exporter is known to fail cannot be read or written.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Baseline(#[from] BaselineError),
    /// No scenario fits one of the filters.
    #[error("no scenario matches {}", filters.join(", nor "))]
    #[diagnostic(help("{remedy}"))]
    NothingMatches {
        /// Those that choose nothing.
        filters: Vec<String>,
        /// Which scenarios there are.
        remedy: String,
    },
    /// No scenario belongs to the share.
    #[error("none of the chosen scenarios ({chosen}) belongs to shard {shard}")]
    #[diagnostic(help("divide them among fewer shards"))]
    EmptyShard {
        /// The share.
        shard: Shard,
        /// How many scenarios are divided.
        chosen: usize,
    },
    /// Nothing can be generated for the exporter.
    #[error("{exporter} declares no metric type, so there are no programs to generate")]
    #[diagnostic(help(
        "declare counter, gauge, histogram or summary among the capabilities in its manifest"
    ))]
    NoPrograms {
        /// Its name and version.
        exporter: String,
    },
    /// The exporter cannot be had.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Exporter(#[from] ExporterError),
    /// The broker cannot be had, or is gone.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Broker(#[from] BrokerError),
    /// Fleets in containers, and a broker that is none.
    #[error("fleets in containers reach no broker but one in a container")]
    #[diagnostic(help("leave --broker out, or say --broker container"))]
    OtherNetwork,
    /// A process cannot be started or does not come up.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Fleet(#[from] FleetError),
    /// The scraper cannot be set up.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Scrape(#[from] ScrapeError),
    /// Prometheus was to scrape the fleet, and does not.
    #[error("Prometheus: {reason}")]
    #[diagnostic(help(
        "what it printed is in prometheus.log where the scenario is kept; Debian's package `prometheus` has it"
    ))]
    Prometheus {
        /// Why.
        reason: String,
    },
    /// A worker wrote something else than an acknowledgement.
    #[error("the worker program is out of the protocol")]
    #[diagnostic(help(
        "a worker appends a line {{\"task\": …, \"pid\": …, \"outcome\": \"ok\"}} for each task, and nothing else: see \
         exporters/PROTOCOL.md"
    ))]
    Ack(#[from] AckError),
    /// A worker refused a task.
    #[error("pid {pid} refused task {task}: {reason}")]
    #[diagnostic(help(
        "let the worker program do what the task asks, or leave the capability that the scenario needs out of the \
         manifest"
    ))]
    Refused {
        /// Who.
        pid: Pid,
        /// What.
        task: String,
        /// Why, in the worker's words.
        reason: String,
    },
    /// A worker acknowledged a task that it was not given, or one for the second time.
    #[error(
        "the worker program is out of the protocol: pid {pid} acknowledged task {task:?}, which is not open"
    )]
    #[diagnostic(help("a worker acknowledges each task once, by the id that the task carries"))]
    Unasked {
        /// Who.
        pid: Pid,
        /// What.
        task: String,
    },
    /// The manifest declares another layout than the files have.
    #[error("the adapter declares files of layout {declared}, but {file} is of layout {found}")]
    #[diagnostic(help(
        "correct `[files] layout` in its manifest, or give the workers the client that it means"
    ))]
    Layout {
        /// By the manifest.
        declared: FileLayout,
        /// By their content.
        found: String,
        /// One of the files.
        file: String,
    },
    /// Something that a step waits for did not happen.
    #[error("step {step} ({name}): {reason}")]
    #[diagnostic(help(
        "what the fleet printed is in workers.log where the scenario is kept; how long a step may take is in the \
         scenario's [limits]"
    ))]
    Step {
        /// The step, from 1.
        step: usize,
        /// Its name.
        name: &'static str,
        /// What did not happen.
        reason: String,
    },
    /// The fleet did not do what a step waits for.
    #[error("step {step} ({name}): {reason}")]
    #[diagnostic(help(
        "what the fleet printed is in workers.log where the scenario is kept; how long a step may take is in the \
         scenario's [limits]"
    ))]
    Stuck {
        /// The step, from 1.
        step: usize,
        /// Its name.
        name: &'static str,
        /// What it did not do.
        reason: String,
    },
    /// SIGINT or SIGTERM came.
    #[error("{signal}: everything that the run had started is ended")]
    #[diagnostic(help("what was judged until then is in {}", kept.join("events.jsonl").display()))]
    Interrupted {
        /// Which.
        signal: &'static str,
        /// The run's folder.
        kept: PathBuf,
    },
    /// A file of the run cannot be written.
    #[error("cannot write {}", path.display())]
    #[diagnostic(help("{}", remedy::unwritten(source, "--out")))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system refuses what every run needs.
    #[error("cannot {what}")]
    #[diagnostic(help("see what limits this process: its user, its sandbox, `ulimit -a`"))]
    System {
        /// What.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl RunError {
    /// Of a worker that refused a task.
    pub(super) fn refused(ack: Ack) -> Self {
        Self::Refused {
            pid: ack.pid,
            task: ack.task,
            reason: ack.reason.unwrap_or_else(|| "no reason given".to_owned()),
        }
    }

    /// Of a worker that acknowledged what is not open.
    pub(super) fn unasked(ack: Ack) -> Self {
        Self::Unasked {
            pid: ack.pid,
            task: ack.task,
        }
    }

    /// Whether it is the suite's own fault.
    pub fn is_internal(&self) -> bool {
        matches!(
            self,
            Self::Scenarios(_) | Self::Requirements(RequirementsError::Malformed(_))
        )
    }

    /// The exit status of a run that ends with it.
    pub fn exit(&self) -> ExitStatus {
        match self {
            Self::Baseline(error) => error.exit(),
            Self::Scenarios(CatalogueError::Empty { .. })
            | Self::NothingMatches { .. }
            | Self::EmptyShard { .. }
            | Self::NoPrograms { .. } => ExitStatus::Nothing,
            Self::Scenarios(CatalogueError::Folder { .. })
            | Self::Requirements(RequirementsError::Unknown { .. })
            | Self::OtherNetwork
            | Self::Broker(BrokerError::Unknown { .. } | BrokerError::Url { .. })
            | Self::Exporter(
                ExporterError::Unknown { .. }
                | ExporterError::Manifest(_)
                | ExporterError::Read { .. }
                | ExporterError::NoCheckout { .. }
                | ExporterError::PathAsVersion { .. }
                | ExporterError::OneVersion { .. },
            ) => ExitStatus::Usage,
            Self::Scenarios(_) | Self::Requirements(_) => ExitStatus::Internal,
            _ => ExitStatus::NotJudged,
        }
    }

    /// The message and those of its causes, in one line.
    pub fn with_causes(&self) -> String {
        in_one_line(self)
    }

    /// What a reader can do about it.
    pub fn remedy(&self) -> Option<String> {
        self.help().map(|help| help.to_string())
    }
}
