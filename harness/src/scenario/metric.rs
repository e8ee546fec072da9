//! The metrics that a scenario declares.

use serde::{Deserialize, Serialize};
use toml::Spanned;

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
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MetricSpec {
    /// The family's name, without a counter's `_total`.
    pub name: Spanned<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: MetricKind,
    /// Its help text.
    pub help: String,
    /// Its help text in the generation of the fleet that follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help_of_successor: Option<Spanned<String>>,
    /// Its label names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// A gauge's mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<GaugeMode>,
    /// A histogram's finite upper bounds, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<f64>,
}
