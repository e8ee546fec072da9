//! The program document: which metrics and tasks a worker has (PROTOCOL.md).

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;
use thiserror::Error;

use crate::file_name::Mode;
use crate::record::{
    Counter, Description, Family, Gauge, Histogram, OneThread, Registry, RegistryError, Summary,
};

/// The protocol's version.
const PROTOCOL: u32 = 1;

/// Why there is no program.
#[derive(Debug, Error)]
pub enum ProgramError {
    /// The document cannot be read.
    #[error("cannot read the program {path}")]
    Read {
        /// The document.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The document is not one.
    #[error("the program {path} is malformed")]
    Malformed {
        /// The document.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// It is of another protocol.
    #[error("the program is of protocol {protocol}, this worker knows {PROTOCOL}")]
    Protocol {
        /// The document's.
        protocol: u32,
    },
    /// One of its metrics cannot be made.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// The document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    protocol: u32,
    tasks: HashSet<String>,
    metrics: Vec<Metric>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metric {
    name: String,
    #[serde(rename = "type")]
    kind: MetricType,
    help: String,
    labels: Vec<String>,
    mode: Option<Mode>,
    buckets: Option<Vec<f64>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MetricType {
    Counter,
    Gauge,
    Histogram,
    Summary,
}

/// A family of any type. A worker executes one task after the other, in one thread.
#[derive(Debug)]
#[expect(missing_docs, reason = "the types' own names")]
pub enum AnyFamily {
    Counter(Family<Counter<OneThread>>),
    Gauge(Family<Gauge<OneThread>>, Mode),
    Histogram(Family<Histogram<OneThread>>),
    Summary(Family<Summary<OneThread>>),
}

impl AnyFamily {
    /// Name, HELP and labels.
    #[must_use]
    pub fn description(&self) -> &Description {
        match self {
            Self::Counter(family) => family.description(),
            Self::Gauge(family, _) => family.description(),
            Self::Histogram(family) => family.description(),
            Self::Summary(family) => family.description(),
        }
    }
}

/// The metrics that a worker has constructed and the tasks that it knows.
#[derive(Debug)]
pub struct Program {
    tasks: HashSet<String>,
    families: HashMap<String, AnyFamily>,
}

impl Program {
    /// Reads the document and constructs every metric, in its order (F7).
    ///
    /// # Errors
    /// See [`ProgramError`].
    pub fn load(path: &Path, registry: &Registry<OneThread>) -> Result<Self, ProgramError> {
        let text = fs::read(path).map_err(|source| ProgramError::Read {
            path: path.to_owned(),
            source,
        })?;
        let document: Document = serde_json::from_slice(&text).map_err(|source| ProgramError::Malformed {
            path: path.to_owned(),
            source,
        })?;
        let protocol = document.protocol;
        if protocol != PROTOCOL {
            return Err(ProgramError::Protocol { protocol });
        }
        let mut families = HashMap::new();
        for metric in document.metrics {
            families.insert(metric.name.clone(), metric.construct(registry)?);
        }
        Ok(Self {
            tasks: document.tasks,
            families,
        })
    }

    /// Whether the task is one of the program's.
    #[must_use]
    pub fn knows_task(&self, name: &str) -> bool {
        self.tasks.contains(name)
    }

    /// The family of that name.
    #[must_use]
    pub fn family(&self, name: &str) -> Option<&AnyFamily> {
        self.families.get(name)
    }
}

impl Metric {
    fn construct(self, registry: &Registry<OneThread>) -> Result<AnyFamily, RegistryError> {
        let description = Description::new(self.name, self.help).with_labels(self.labels);
        Ok(match self.kind {
            MetricType::Counter => AnyFamily::Counter(registry.counter(description)?),
            MetricType::Gauge => {
                let mode = self.mode.unwrap_or(Mode::All);
                AnyFamily::Gauge(registry.gauge(description, mode)?, mode)
            }
            MetricType::Histogram => {
                let bounds = self.buckets.unwrap_or_default();
                AnyFamily::Histogram(registry.histogram(description, &bounds)?)
            }
            MetricType::Summary => AnyFamily::Summary(registry.summary(description)?),
        })
    }
}
