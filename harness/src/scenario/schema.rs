//! The scenario format. Every struct refuses unknown keys, so a typing error is an error with a position.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::scrape::Format;

/// One scenario, as its file declares it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The path below `scenarios/` without `.toml`; filled in by the catalogue, not by the file.
    #[serde(skip)]
    pub id: String,
    /// The text that it was read from; filled in by the catalogue.
    #[serde(skip)]
    pub text: String,
    /// What must hold, as a sentence.
    pub title: String,
    /// Whether a violation fails the run or only warns.
    pub level: Level,
    /// The release of counterfoil that brought the scenario.
    pub since: String,
    /// Why this is checked: the story behind it.
    pub why: String,
    /// The rules of the format it stands on (`F3`, `M7`).
    #[serde(default)]
    pub rules: Vec<String>,
    /// The bugs it must catch: a table id of the collected bugs (`C5`, `T4`) or `owner/repository#issue`.
    #[serde(default)]
    pub sources: Vec<String>,
    /// What the exporter must be capable of; else the scenario is not applicable.
    #[serde(default)]
    pub needs: Vec<Capability>,
    /// The exposition format that every scrape of the scenario asks for.
    #[serde(default)]
    pub format: Format,
    /// How many processes are started.
    pub fleet: FleetSpec,
    /// The metrics that every worker constructs.
    #[serde(default)]
    pub metrics: Vec<MetricSpec>,
    /// The tasks that every worker registers.
    #[serde(default)]
    pub tasks: Vec<TaskSpec>,
    /// What happens, in order.
    pub steps: Vec<Spanned<Step>>,
    /// Deadlines and widths.
    #[serde(default)]
    pub limits: Limits,
}

impl Scenario {
    /// The declared metric of that name.
    pub fn metric(&self, name: &str) -> Option<&MetricSpec> {
        self.metrics.iter().find(|metric| metric.name.get_ref() == name)
    }

    /// The declared task of that name.
    pub fn task(&self, name: &str) -> Option<&TaskSpec> {
        self.tasks.iter().find(|task| task.name == name)
    }

    /// The names of all checks that the steps ask for, each once, in order.
    pub fn checks(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for step in &self.steps {
            if let Step::Check(checks) = step.get_ref() {
                names.extend(checks.iter().map(|check| check.get_ref().as_str()));
            }
        }
        names.dedup();
        names
    }
}

/// How binding a scenario is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A violation is a failure.
    Must,
    /// A violation is a warning.
    Should,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "must",
            Self::Should => "should",
        })
    }
}

/// What an exporter can do, declared in its manifest and needed by scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Counters.
    Counter,
    /// Gauges in all ten modes.
    Gauge,
    /// Histograms.
    Histogram,
    /// Summaries.
    Summary,
    /// A task that ends with an error leaves the worker running.
    FailingTasks,
    /// A dead worker is replaced.
    RestartsWorkers,
    /// The live gauges of a dead process are no longer served.
    MarksDead,
    /// The endpoint comes back when the process that serves it is killed.
    EndpointRecovers,
    /// The endpoint answers before the first task.
    EndpointFromStart,
    /// `OpenMetrics` 1.0 is served to those who ask for it.
    Openmetrics,
    /// The body is compressed for those who ask for it.
    Gzip,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
            Self::FailingTasks => "failing-tasks",
            Self::RestartsWorkers => "restarts-workers",
            Self::MarksDead => "marks-dead",
            Self::EndpointRecovers => "endpoint-recovers",
            Self::EndpointFromStart => "endpoint-from-start",
            Self::Openmetrics => "openmetrics",
            Self::Gzip => "gzip",
        })
    }
}

/// The fleet that a scenario wants.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetSpec {
    /// Worker processes.
    pub workers: Spanned<u32>,
}

/// The type of a declared metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// Only goes up.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations in buckets.
    Histogram,
    /// Counts and sums observations.
    Summary,
}

/// How the values of several processes become one gauge (rules M5 to M8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(
    missing_docs,
    reason = "the names are the client's own and are explained by rules M5 to M8"
)]
pub enum GaugeMode {
    All,
    Liveall,
    Min,
    Livemin,
    Max,
    Livemax,
    Sum,
    Livesum,
    Mostrecent,
    Livemostrecent,
}

impl GaugeMode {
    /// Whether a process that is marked dead stops to count (M8).
    pub fn is_live(self) -> bool {
        matches!(
            self,
            Self::Liveall | Self::Livemin | Self::Livemax | Self::Livesum | Self::Livemostrecent
        )
    }

    /// The mode that a `live*` one merges like (M8).
    pub fn base(self) -> Self {
        match self {
            Self::Liveall => Self::All,
            Self::Livemin => Self::Min,
            Self::Livemax => Self::Max,
            Self::Livesum => Self::Sum,
            Self::Livemostrecent => Self::Mostrecent,
            base => base,
        }
    }
}

/// A metric that every worker constructs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricSpec {
    /// The family's name, without a counter's `_total`.
    pub name: Spanned<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: MetricKind,
    /// Its help text.
    pub help: String,
    /// Its label names.
    #[serde(default)]
    pub labels: Vec<String>,
    /// A gauge's mode.
    pub mode: Option<GaugeMode>,
    /// A histogram's finite upper bounds, ascending.
    #[serde(default)]
    pub buckets: Vec<f64>,
}

/// A task that every worker registers: a name and what it does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskSpec {
    /// The name under which it is dispatched.
    pub name: String,
    /// What it does, in order.
    pub ops: Vec<Spanned<OpSpec>>,
}

/// A number of an op: a TOML float or integer, `nan`, `inf`, `-inf`.
pub type Number = f64;

/// One op of a task, see `PROTOCOL.md`. With `repeat = n` it is executed n times, and `{i}` in label values
/// counts from 0.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
pub enum OpSpec {
    /// Adds to a counter.
    Inc {
        /// The counter.
        metric: String,
        /// Its label values.
        #[serde(default)]
        labels: BTreeMap<String, String>,
        /// By how much.
        #[serde(default = "one")]
        value: Number,
        /// How many times.
        #[serde(default = "once")]
        repeat: u32,
    },
    /// Adds to a gauge.
    Add {
        /// The gauge.
        metric: String,
        /// Its label values.
        #[serde(default)]
        labels: BTreeMap<String, String>,
        /// By how much, of any sign.
        value: Number,
        /// How many times.
        #[serde(default = "once")]
        repeat: u32,
    },
    /// Sets a gauge.
    Set {
        /// The gauge.
        metric: String,
        /// Its label values.
        #[serde(default)]
        labels: BTreeMap<String, String>,
        /// To what.
        value: Number,
        /// How many times.
        #[serde(default = "once")]
        repeat: u32,
    },
    /// Observes into a histogram or summary.
    Observe {
        /// The histogram or summary.
        metric: String,
        /// Its label values.
        #[serde(default)]
        labels: BTreeMap<String, String>,
        /// The observed value.
        value: Number,
        /// How many times.
        #[serde(default = "once")]
        repeat: u32,
    },
    /// Takes that long.
    Sleep {
        /// Milliseconds.
        ms: u64,
    },
    /// Ends the task with an error.
    Fail {},
    /// Ends the process, without acknowledgement.
    Exit {
        /// The process's exit status.
        code: u8,
    },
}

fn one() -> f64 {
    1.0
}

fn once() -> u32 {
    1
}

/// One step of a scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Hands out tasks.
    Dispatch(Dispatch),
    /// Does harm.
    Fault(Fault),
    /// Waits for a condition, with a deadline.
    Wait(Wait),
    /// Scrapes, each time between two reads of the files.
    Scrape(ScrapeStep),
    /// Ends the fleet as its manifest says.
    Stop(Stop),
    /// Judges the accounts as they are now.
    Check(Vec<Spanned<String>>),
}

impl Step {
    /// The step's name, as it stands in a file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dispatch(_) => "dispatch",
            Self::Fault(_) => "fault",
            Self::Wait(_) => "wait",
            Self::Scrape(_) => "scrape",
            Self::Stop(_) => "stop",
            Self::Check(_) => "check",
        }
    }
}

/// Hands out tasks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispatch {
    /// How many of each task.
    pub tasks: BTreeMap<String, Spanned<u32>>,
    /// The tasks go out again until so many living processes have acknowledged some of them; 0: once, and the
    /// step does not wait.
    #[serde(default)]
    pub min_pids: u32,
}

/// Harm done on purpose.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The signal that is sent.
    pub signal: SignalName,
    /// Who gets it.
    pub to: Target,
}

/// A signal that a fault sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SignalName {
    /// Cannot be caught.
    Kill,
    /// Asks for a graceful end.
    Term,
}

/// Who a fault is aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A process that has acknowledged tasks and does not serve the endpoint, where there is one.
    Worker,
    /// The process that serves the endpoint.
    PortOwner,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Worker => "worker",
            Self::PortOwner => "port-owner",
        })
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// The queue is empty, every task is accounted for, the files rest.
    Quiet,
    /// `/metrics` answers, from a process of the fleet.
    Endpoint,
}

/// How a fleet is ended by a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// By the manifest's signal, with the grace that every fleet has.
    Gracefully,
}

/// Scrapes while the fleet does whatever it does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScrapeStep {
    /// How many times.
    pub count: u32,
}

/// Deadlines and widths. The defaults suit a fleet on two busy cores.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// How many tasks may stay indeterminate before the run is inconclusive.
    pub indeterminate_tasks: u32,
    /// Until quiet, or until enough processes have acknowledged.
    pub quiesce_deadline_ms: u64,
    /// How long files at rest that disagree with the ledger are read again before they are judged.
    pub disagreement_deadline_ms: u64,
    /// How often the files must read the same before they rest.
    pub rest_reads: u32,
    /// Between two such reads.
    pub rest_interval_ms: u64,
    /// How long a scrape may take.
    pub scrape_deadline_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            indeterminate_tasks: 0,
            quiesce_deadline_ms: 30_000,
            disagreement_deadline_ms: 3_000,
            rest_reads: 3,
            rest_interval_ms: 20,
            scrape_deadline_ms: 10_000,
        }
    }
}
