//! The series that an exporter adds for every task by itself.

use std::collections::BTreeMap;

use serde::de::{Error as _, value};
use serde::{Deserialize, Deserializer};

use super::Outcome;
use crate::declaration;

/// A series that the exporter adds for every task by itself.
#[derive(Clone, Debug)]
pub enum Hook {
    /// Counts tasks.
    Counter {
        /// The family, without `_total`.
        metric: String,
        /// Its help text.
        help: String,
        /// After which outcomes it counts.
        on: Vec<Outcome>,
        /// Label values, `{task}` expanded.
        labels: BTreeMap<String, String>,
    },
    /// Observes how long tasks took.
    Histogram {
        /// The family.
        metric: String,
        /// Its help text.
        help: String,
        /// After which outcomes it observes.
        on: Vec<Outcome>,
        /// Label values, `{task}` expanded.
        labels: BTreeMap<String, String>,
        /// What is observed.
        observes: Observed,
        /// The observed value is rounded to a multiple of this.
        rounded_to: f64,
        /// Finite upper bounds.
        buckets: Vec<f64>,
    },
}

impl Hook {
    /// The family's name, without `_total`.
    pub fn metric(&self) -> &str {
        match self {
            Self::Counter { metric, .. } | Self::Histogram { metric, .. } => metric,
        }
    }

    /// Whether it runs after that outcome.
    pub fn runs_on(&self, outcome: Outcome) -> bool {
        match self {
            Self::Counter { on, .. } | Self::Histogram { on, .. } => on.contains(&outcome),
        }
    }
}

/// What a hook observes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Observed {
    /// The task's duration in seconds, by the exporter's own clock.
    #[serde(rename = "elapsed_s")]
    ElapsedSeconds,
}

impl<'de> Deserialize<'de> for Hook {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        declaration::read_table::<Table, _, _>(deserializer)
    }
}

/// A hook as it stands in a manifest, with the keys of both types: what is read by its tag first loses the place
/// of every key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "type")]
    kind: Kind,
    metric: String,
    help: String,
    on: Vec<Outcome>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    observes: Option<Observed>,
    rounded_to: Option<f64>,
    buckets: Option<Vec<f64>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Counter,
    Histogram,
}

impl TryFrom<Table> for Hook {
    type Error = value::Error;

    fn try_from(table: Table) -> Result<Self, Self::Error> {
        let Table {
            kind,
            metric,
            help,
            on,
            labels,
            observes,
            rounded_to,
            buckets,
        } = table;
        match kind {
            Kind::Counter => {
                let of_a_histogram = [
                    ("observes", observes.is_some()),
                    ("rounded_to", rounded_to.is_some()),
                    ("buckets", buckets.is_some()),
                ];
                if let Some((key, _)) = of_a_histogram.iter().find(|(_, is_given)| *is_given) {
                    let known = &["metric", "type", "help", "on", "labels"];
                    return Err(value::Error::unknown_field(key, known));
                }
                Ok(Self::Counter {
                    metric,
                    help,
                    on,
                    labels,
                })
            }
            Kind::Histogram => Ok(Self::Histogram {
                metric,
                help,
                on,
                labels,
                observes: observes.ok_or_else(|| value::Error::missing_field("observes"))?,
                rounded_to: rounded_to.unwrap_or_default(),
                buckets: buckets.ok_or_else(|| value::Error::missing_field("buckets"))?,
            }),
        }
    }
}
