//! The steps of a scenario.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::fault::Fault;
use super::op::is_once;
use super::schema::is_default;

/// One step of a scenario.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Hands out tasks.
    Dispatch(Dispatch),
    /// Enters tasks into the ledger as acknowledged that nobody was asked to do: canaries only.
    Claim(Claim),
    /// Does harm to a process, to the broker, or to the network between it and the fleet; or ends that.
    Fault(Fault),
    /// Puts a file among the metric files.
    Plant(Plant),
    /// Puts what processes counted that are none of the fleet's among the metric files.
    Inherit(Inherit),
    /// Removes metric files while the fleet works. What was counted before counts no longer.
    Wipe(Wipe),
    /// Waits for a condition, with a deadline.
    Wait(Wait),
    /// Scrapes, each time between two reads of the files.
    Scrape(ScrapeStep),
    /// Makes the fleet larger or smaller, until as many workers live.
    Scale(u32),
    /// Has a second generation of the fleet work beside the first, or take over from it.
    Successor(Succession),
    /// Ends the fleet as its manifest says.
    Stop(Stop),
    /// Ends the fleet, and starts it again on the same metrics directory and queue. What it counted before counts no
    /// longer.
    Restart(Stop),
    /// Judges the accounts as they are now.
    Check(Vec<Spanned<String>>),
}

impl Step {
    /// The step's name, as it stands in a file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dispatch(_) => "dispatch",
            Self::Claim(_) => "claim",
            Self::Fault(_) => "fault",
            Self::Plant(_) => "plant",
            Self::Inherit(_) => "inherit",
            Self::Wipe(_) => "wipe",
            Self::Wait(_) => "wait",
            Self::Scrape(_) => "scrape",
            Self::Scale(_) => "scale",
            Self::Successor(_) => "successor",
            Self::Stop(_) => "stop",
            Self::Restart(_) => "restart",
            Self::Check(_) => "check",
        }
    }
}

/// Hands out tasks.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dispatch {
    /// How many of each task.
    pub tasks: BTreeMap<String, Spanned<u32>>,
    /// The tasks go out again until so many living processes have acknowledged some of them; 0: once, and the
    /// step does not wait.
    #[serde(default, skip_serializing_if = "is_default")]
    pub min_pids: u32,
}

/// A lie in the ledger.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// How many of each task.
    pub tasks: BTreeMap<String, Spanned<u32>>,
}

/// A file that no worker wrote, among those that they write.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plant {
    /// Its name in the metrics directory.
    pub file: String,
    /// What it holds.
    pub holds: Contents,
}

/// What a planted file holds. But for `zeros`, which is a file that nothing was written to yet, the truth is the merge of
/// all the other files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contents {
    /// No byte: what a process leaves that is killed before it sizes its file.
    Nothing,
    /// 64 KiB of zeros: what one leaves that is killed after it has (F2, F5).
    Zeros,
    /// Bytes of any value.
    Noise,
    /// The first page of an SQLite database.
    Sqlite,
    /// A file that ends in the middle of its first entry.
    HalfAnEntry,
    /// A counter, in the layout of another release of the client than the workers'.
    AnotherLayout,
    /// It is no file but a folder.
    Folder,
}

impl Contents {
    /// Whether whoever reads the metric files should take it for one.
    pub fn is_metrics(self) -> bool {
        self == Self::Zeros
    }
}

/// Metric files of processes that are none of the fleet's, in the exporter's layout, each with a counter of 1,
/// `counterfoil_inherited_total`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Inherit {
    /// How many processes.
    pub processes: u32,
    /// Whether it is one that lives: this suite's own. Else they are gone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub living: bool,
}

/// What is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wipe {
    /// Every metric file; the directory stays.
    Files,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// The queue is empty, every task is accounted for, the files rest.
    Quiet,
    /// `/metrics` answers, from a process of the fleet.
    Endpoint,
    /// Prometheus has scraped once more, where it scrapes.
    Prometheus,
}

/// How a fleet is ended by a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// By the manifest's signal, with the grace that every fleet has.
    Gracefully,
    /// Its supervisor, the process that the manifest's command started, gets SIGKILL; the others are to end by themselves
    /// within the time that the manifest gives the fleet for that.
    ByKillingItsSupervisor,
}

/// How a second generation of a fleet follows the first: as in a rolling restart, both work for a while on one metrics
/// directory and one queue, each with a port of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Succession {
    /// The second generation starts, as many workers as the first had at its start. The first one's endpoint is scraped on.
    Starts,
    /// The first generation ends as its manifest says. From then on the second one's endpoint is scraped.
    TakesOver,
}

/// Scrapes while the fleet does whatever it does.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ScrapeStep {
    /// How many times.
    pub count: u32,
    /// How many of these are under way at once.
    #[serde(default = "one", skip_serializing_if = "is_once")]
    pub at_once: u32,
    /// How many others are connected meanwhile, and take their time: they ask and read byte by byte.
    #[serde(default, skip_serializing_if = "is_default")]
    pub slow: u32,
}

fn one() -> u32 {
    1
}
