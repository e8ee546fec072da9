//! Tasks and ops as they travel to a worker, and the program document that a worker reads (`PROTOCOL.md`).
//!
//! ```
//! use counterfoil::task::Task;
//!
//! let document = r#"{"id": "mail#1", "name": "mail", "ops": [
//!     {"op": "inc", "metric": "jobs", "labels": {"queue": "a"}, "value": 1.0},
//!     {"op": "set", "metric": "level", "labels": {}, "value": "NaN"},
//!     {"op": "fail"},
//!     {"op": "inc", "metric": "jobs", "labels": {"queue": "never"}, "value": 1.0}
//! ]}"#;
//! let task: Task = serde_json::from_str(document)?;
//! // JSON has no NaN: it travels as a text.
//! assert!(task.ops[1].change().is_some_and(|change| change.value.0.is_nan()));
//! // What comes after a failure counts for nothing.
//! assert_eq!(task.executed().count(), 2);
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::exporter::PROTOCOL;
use crate::scenario::{GaugeMode, MetricKind, MetricSpec, OpSpec, Scenario, TaskSpec};
use crate::series::Labels;

/// A number that JSON cannot always hold: NaN and the infinities travel as strings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount(pub f64);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_nan() => serializer.serialize_str("NaN"),
            f64::INFINITY => serializer.serialize_str("+Inf"),
            f64::NEG_INFINITY => serializer.serialize_str("-Inf"),
            value => serializer.serialize_f64(value),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(f64),
            Text(String),
        }
        match Either::deserialize(deserializer)? {
            Either::Number(value) => Ok(Self(value)),
            Either::Text(text) => match text.as_str() {
                "NaN" => Ok(Self(f64::NAN)),
                "+Inf" => Ok(Self(f64::INFINITY)),
                "-Inf" => Ok(Self(f64::NEG_INFINITY)),
                other => Err(serde::de::Error::custom(format!("{other:?} is no amount"))),
            },
        }
    }
}

/// One op, fully expanded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Op {
    /// Adds to a counter.
    Inc(Change),
    /// Adds to a gauge.
    Add(Change),
    /// Sets a gauge.
    Set(Change),
    /// Observes into a histogram or summary.
    Observe(Change),
    /// Takes that long.
    Sleep {
        /// Milliseconds.
        ms: u64,
    },
    /// Ends the task with an error.
    Fail {},
    /// Ends the process.
    Exit {
        /// Its status.
        code: u8,
    },
    /// Nothing that a worker program knows.
    Unknown {},
}

impl Op {
    /// The change of a metric that the op makes, if it makes one.
    pub fn change(&self) -> Option<&Change> {
        match self {
            Self::Inc(change) | Self::Add(change) | Self::Set(change) | Self::Observe(change) => Some(change),
            Self::Sleep { .. } | Self::Fail {} | Self::Exit { .. } | Self::Unknown {} => None,
        }
    }
}

/// What an op does to which child of which metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The family.
    pub metric: String,
    /// Label values.
    pub labels: BTreeMap<String, String>,
    /// By how much, to what, or what was observed.
    pub value: Amount,
}

impl Change {
    /// The labels as a label set.
    pub fn label_set(&self) -> Labels {
        Labels::new(self.labels.clone())
    }
}

/// One task, as it is dispatched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Unique within the run.
    pub id: String,
    /// The name that the workers registered.
    pub name: String,
    /// What it does.
    pub ops: Vec<Op>,
}

impl Task {
    /// The declared task with every `repeat` written out.
    pub fn expand(id: String, spec: &TaskSpec) -> Self {
        let ops = spec.ops.iter().flat_map(|op| expand(op.get_ref())).collect();
        Self {
            id,
            name: spec.name.clone(),
            ops,
        }
    }

    /// Whether a worker program must refuse it as a whole.
    pub fn must_be_refused(&self) -> bool {
        self.ops.contains(&Op::Unknown {})
    }

    /// The ops that a worker executes: all before the first `fail` or `exit`, and none of a task that it must refuse.
    pub fn executed(&self) -> impl Iterator<Item = &Op> {
        let known = if self.must_be_refused() { 0 } else { self.ops.len() };
        self.ops[..known]
            .iter()
            .take_while(|op| !matches!(op, Op::Fail {} | Op::Exit { .. }))
    }

    /// For how long it sleeps in all, in seconds.
    pub fn sleeps_s(&self) -> f64 {
        let ms = |op: &Op| if let Op::Sleep { ms } = op { *ms } else { 0 };
        std::time::Duration::from_millis(self.executed().map(ms).sum()).as_secs_f64()
    }
}

fn expand(op: &OpSpec) -> Vec<Op> {
    let changes = |metric: &String, labels: &BTreeMap<String, String>, value: f64, repeat: u32| {
        let change = |i: u32| Change {
            metric: metric.clone(),
            labels: labels
                .iter()
                .map(|(k, v)| (k.clone(), v.replace("{i}", &i.to_string())))
                .collect(),
            value: Amount(value),
        };
        (0..repeat).map(change).collect::<Vec<_>>()
    };
    match op {
        OpSpec::Inc {
            metric,
            labels,
            value,
            repeat,
        } => changes(metric, labels, *value, *repeat)
            .into_iter()
            .map(Op::Inc)
            .collect(),
        OpSpec::Add {
            metric,
            labels,
            value,
            repeat,
        } => changes(metric, labels, *value, *repeat)
            .into_iter()
            .map(Op::Add)
            .collect(),
        OpSpec::Set {
            metric,
            labels,
            value,
            repeat,
        } => changes(metric, labels, *value, *repeat)
            .into_iter()
            .map(Op::Set)
            .collect(),
        OpSpec::Observe {
            metric,
            labels,
            value,
            repeat,
        } => changes(metric, labels, *value, *repeat)
            .into_iter()
            .map(Op::Observe)
            .collect(),
        OpSpec::Sleep { ms } => vec![Op::Sleep { ms: *ms }],
        OpSpec::Fail {} => vec![Op::Fail {}],
        OpSpec::Exit { code } => vec![Op::Exit { code: *code }],
        OpSpec::Unknown {} => vec![Op::Unknown {}],
    }
}

/// What every worker constructs and registers.
#[derive(Clone, Debug, Serialize)]
pub struct Program {
    protocol: u32,
    tasks: Vec<String>,
    metrics: Vec<MetricDocument>,
}

#[derive(Clone, Debug, Serialize)]
struct MetricDocument {
    name: String,
    #[serde(rename = "type")]
    kind: MetricKind,
    help: String,
    labels: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<GaugeMode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    buckets: Vec<f64>,
}

impl Program {
    /// What the workers of `scenario` need to know.
    pub fn of(scenario: &Scenario) -> Self {
        Self::with(scenario, |metric| &metric.help)
    }

    /// The same of the generation that follows, which may describe its metrics in other words.
    pub fn of_successor(scenario: &Scenario) -> Self {
        Self::with(scenario, |metric| {
            metric
                .help_of_successor
                .as_ref()
                .map_or(&metric.help, toml::Spanned::get_ref)
        })
    }

    fn with(scenario: &Scenario, help: impl Fn(&MetricSpec) -> &String) -> Self {
        let document = |metric: &MetricSpec| MetricDocument {
            name: metric.name.get_ref().clone(),
            kind: metric.kind,
            help: help(metric).clone(),
            labels: metric.labels.clone(),
            mode: metric.mode,
            buckets: metric.buckets.clone(),
        };
        Self {
            protocol: PROTOCOL,
            tasks: scenario.tasks.iter().map(|task| task.name.clone()).collect(),
            metrics: scenario.metrics.iter().map(document).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_cannot_hold_travels_as_a_string() {
        for (value, text) in [
            (f64::NAN, "\"NaN\""),
            (f64::NEG_INFINITY, "\"-Inf\""),
            (0.5, "0.5"),
        ] {
            assert_eq!(serde_json::to_string(&Amount(value)).unwrap(), text);
            let back: Amount = serde_json::from_str(text).unwrap();
            assert_eq!(back.0.to_bits(), value.to_bits());
        }
    }

    #[test]
    fn a_repeated_op_counts_in_its_labels() {
        let spec: TaskSpec = toml::from_str(
            "name = 'wide'\nops = [{ op = 'inc', metric = 'm', labels = { n = 'x{i}' }, repeat = 2 }]",
        )
        .unwrap();
        let task = Task::expand("1".to_owned(), &spec);
        let labels: Vec<_> = task
            .ops
            .iter()
            .map(|op| op.change().unwrap().labels["n"].clone())
            .collect();
        assert_eq!(labels, ["x0", "x1"]);
    }

    #[test]
    fn ops_behind_a_failure_are_not_executed() {
        let task = Task {
            id: "1".to_owned(),
            name: "t".to_owned(),
            ops: vec![Op::Sleep { ms: 250 }, Op::Fail {}, Op::Sleep { ms: 500 }],
        };
        assert_eq!(task.executed().count(), 1);
        assert!((task.sleeps_s() - 0.25).abs() < 1e-9);
    }
}
