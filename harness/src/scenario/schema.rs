//! The scenario format. Every struct refuses unknown keys, so a typing error is an error with a position.

use std::fmt;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{Fault, MetricSpec, Step, Stop, TaskSpec};
use crate::check::Check;
use crate::scrape::Format;

/// One scenario, as its file declares it.
#[derive(Clone, Debug, Deserialize, Serialize)]
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The bugs it must catch: a table id of the collected bugs (`C5`, `T4`) or `owner/repository#issue`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Of a canary: the check that must fail, because a step claims tasks that nobody is asked to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<Spanned<String>>,
    /// Whether it takes so much time or so many processes that it is played only where its id is named.
    #[serde(default, skip_serializing_if = "is_default")]
    pub apart: bool,
    /// What the exporter must be capable of; else the scenario is not applicable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Capability>,
    /// The exposition format that every scrape of the scenario asks for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub format: Format,
    /// The names of the samples that every scrape of the scenario asks for, by `?name[]=`; everything, if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Whether Prometheus itself scrapes the fleet from its start to its end.
    #[serde(default, skip_serializing_if = "is_default")]
    pub prometheus: bool,
    /// How many processes are started.
    pub fleet: FleetSpec,
    /// The metrics that every worker constructs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricSpec>,
    /// The tasks that every worker registers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<TaskSpec>,
    /// What happens, in order.
    pub steps: Vec<Spanned<Step>>,
    /// Deadlines and widths.
    #[serde(default, skip_serializing_if = "is_default")]
    pub limits: Limits,
}

/// Whether a key may be left out of a file.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
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
        let steps = self.steps.iter().map(toml::Spanned::get_ref);
        let asked = steps.flat_map(|step| match step {
            Step::Check(checks) => checks.as_slice(),
            _ => &[],
        });
        for name in asked.map(|check| check.get_ref().as_str()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Whether a step does harm to the network between the fleet and its broker.
    pub fn harms_the_network(&self) -> bool {
        let mut steps = self.steps.iter().map(Spanned::get_ref);
        steps.any(|step| matches!(step, Step::Fault(Fault::Network { .. })))
    }

    /// Whether a step does harm to the broker itself.
    pub fn harms_the_broker(&self) -> bool {
        let mut steps = self.steps.iter().map(Spanned::get_ref);
        steps.any(|step| matches!(step, Step::Fault(Fault::Broker { .. })))
    }

    /// Why a fleet in a container cannot play it, if it cannot.
    pub fn beyond_containers(&self) -> Option<&'static str> {
        let mut steps = self.steps.iter().map(Spanned::get_ref);
        let reason = steps.find_map(|step| match step {
            Step::Stop(Stop::ByKillingItsSupervisor) | Step::Restart(Stop::ByKillingItsSupervisor) => {
                Some("in a container nobody outlives the first process")
            }
            Step::Successor(_) => Some("in two containers on one directory the same pids come twice (C9)"),
            Step::Fault(Fault::Directory { .. }) => {
                Some("what is mounted over a directory later does not reach the container that has it")
            }
            _ => None,
        });
        let asks_for_orphans = self.checks().contains(&Check::NoOrphans.id());
        reason.or_else(|| asks_for_orphans.then_some("in a container nobody outlives the first process"))
    }

    /// Why it cannot be played where tasks are posted to the workers, if it cannot.
    pub fn beyond_http(&self) -> Option<&'static str> {
        let mut steps = self.steps.iter().map(Spanned::get_ref);
        if self.harms_the_broker() || self.harms_the_network() {
            Some("tasks that come over HTTP have no broker on their way")
        } else if self.fleet.pods > 1 || steps.any(|step| matches!(step, Step::Successor(_))) {
            Some("fleets whose tasks come over HTTP have no queue in common")
        } else {
            None
        }
    }

    /// Whether a step does harm to the directory of the metric files.
    pub fn harms_the_directory(&self) -> bool {
        let mut steps = self.steps.iter().map(Spanned::get_ref);
        steps.any(|step| matches!(step, Step::Fault(Fault::Directory { .. })))
    }

    /// Whether a step has a process get the pid of one that was killed.
    pub fn uses_a_pid_again(&self) -> bool {
        let mut steps = self.steps.iter().map(Spanned::get_ref);
        steps.any(|step| matches!(step, Step::Fault(Fault::Reborn { .. })))
    }

    /// The first half of its id.
    pub fn family(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
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
    /// Gauges in the eight modes that no time is kept for.
    Gauge,
    /// Gauges of mode `mostrecent` and `livemostrecent`.
    MostRecent,
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
    /// `?name[]=` chooses what is served.
    Names,
    /// The body is compressed for those who ask for it.
    Gzip,
    /// Workers that lose the broker go on when it is there again.
    SurvivesBrokerLoss,
    /// Workers are added and taken away while the fleet runs; those that are taken away finish their tasks.
    Scales,
    /// A second fleet of it may be started on the metrics directory and the queue of one that is about to end.
    RollingRestarts,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::MostRecent => "most-recent",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
            Self::FailingTasks => "failing-tasks",
            Self::RestartsWorkers => "restarts-workers",
            Self::MarksDead => "marks-dead",
            Self::EndpointRecovers => "endpoint-recovers",
            Self::EndpointFromStart => "endpoint-from-start",
            Self::Openmetrics => "openmetrics",
            Self::Names => "names",
            Self::Gzip => "gzip",
            Self::SurvivesBrokerLoss => "survives-broker-loss",
            Self::Scales => "scales",
            Self::RollingRestarts => "rolling-restarts",
        })
    }
}

/// The fleet that a scenario wants.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FleetSpec {
    /// Worker processes.
    pub workers: Spanned<u32>,
    /// Whether a second fleet like it runs beside it on the host: with a metrics directory, queue and port of its own, and
    /// handed the same tasks. It is not judged, but must have acknowledged them all before the first is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub neighbour: bool,
    /// How many such fleets take tasks from one queue, each with a metrics directory and an endpoint of its own, each judged.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub pods: u32,
}

fn one() -> u32 {
    1
}

fn is_one(pods: &u32) -> bool {
    *pods == 1
}

/// Deadlines and widths. The defaults suit a fleet on two busy cores.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
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
    /// How long a scrape may take for `scrape/latency`; by default half of what Prometheus waits for one.
    pub scrape_ms: u64,
    /// When a scrape is given up; by default when Prometheus does.
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
            scrape_ms: 5_000,
            scrape_deadline_ms: 10_000,
        }
    }
}
