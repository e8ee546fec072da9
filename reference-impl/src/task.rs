//! A task: a list of ops (PROTOCOL.md).

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use crate::program::{AnyFamily, Program};

/// What a worker is asked to do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its id, which the acknowledgement repeats.
    pub id: String,
    /// Its name, one of the program's.
    pub name: String,
    /// What to do, in this order.
    pub ops: Vec<Op>,
}

/// One step of a task.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
pub enum Op {
    /// Adds to a counter.
    Inc(Change),
    /// Adds to a gauge.
    Add(Change),
    /// Sets a gauge.
    Set(Change),
    /// Observes into a histogram or summary.
    Observe(Change),
    /// Takes some time.
    Sleep {
        /// How long, in milliseconds.
        ms: u64,
    },
    /// Ends the task with an error.
    Fail {},
    /// Ends the process, without cleanup or acknowledgement.
    Exit {
        /// The process's exit code.
        code: i32,
    },
}

/// What an op does to a metric.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The family's name.
    pub metric: String,
    /// Label values by label name.
    pub labels: BTreeMap<String, String>,
    /// The amount, value or observation.
    #[serde(deserialize_with = "number")]
    pub value: f64,
}

/// What became of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every op was executed.
    Ok,
    /// A `fail` op was reached.
    Failed,
    /// Nothing was executed.
    Refused,
}

/// Why a task is refused: a sentence for its acknowledgement.
pub type Refusal = String;

impl Task {
    /// Checks every op against the program, so that a task is refused before any of it is done.
    ///
    /// # Errors
    /// The reason, if a task, metric or label is unknown, or an op does not fit its metric.
    pub fn check(&self, program: &Program) -> Result<(), Refusal> {
        if !program.knows_task(&self.name) {
            return Err(format!("task name {:?} is unknown", self.name));
        }
        self.ops.iter().enumerate().try_for_each(|(index, op)| {
            op.check(program)
                .map_err(|reason| format!("op {index}: {reason}"))
        })
    }
}

impl Op {
    fn check(&self, program: &Program) -> Result<(), Refusal> {
        let (Self::Inc(change) | Self::Add(change) | Self::Set(change) | Self::Observe(change)) = self else {
            return Ok(());
        };
        let Some(family) = program.family(&change.metric) else {
            return Err(format!("metric {:?} is unknown", change.metric));
        };
        match (self, family) {
            (Self::Inc(_), AnyFamily::Counter(_)) => {
                if change.value.is_nan() || change.value < 0.0 {
                    return Err(format!("a counter cannot take {}", change.value));
                }
            }
            (Self::Add(_), AnyFamily::Gauge(_, mode)) => {
                if mode.is_most_recent() {
                    return Err(format!("a {} gauge is only set", mode.name()));
                }
            }
            (Self::Set(_), AnyFamily::Gauge(..))
            | (Self::Observe(_), AnyFamily::Histogram(_) | AnyFamily::Summary(_)) => {}
            _ => return Err(format!("metric {:?} is of another type", change.metric)),
        }
        change.values(family).map(|_| ())
    }
}

impl Change {
    /// The label values in the family's order.
    ///
    /// # Errors
    /// If the labels are not exactly the family's.
    pub fn values(&self, family: &AnyFamily) -> Result<Vec<&str>, Refusal> {
        let names = &family.description().labels;
        let value = |name: &String| self.labels.get(name).map(String::as_str);
        let values: Option<Vec<&str>> = names.iter().map(value).collect();
        values
            .filter(|values| values.len() == self.labels.len())
            .ok_or_else(|| format!("metric {:?} has the labels {names:?}", self.metric))
    }
}

/// A JSON number, or `"NaN"`, `"+Inf"`, `"-Inf"`.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    struct Number;
    impl Visitor<'_> for Number {
        type Value = f64;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number, \"NaN\", \"+Inf\" or \"-Inf\"")
        }
        fn visit_f64<E: de::Error>(self, value: f64) -> Result<f64, E> {
            Ok(value)
        }
        fn visit_u64<E: de::Error>(self, value: u64) -> Result<f64, E> {
            Ok(value as f64)
        }
        fn visit_i64<E: de::Error>(self, value: i64) -> Result<f64, E> {
            Ok(value as f64)
        }
        fn visit_str<E: de::Error>(self, value: &str) -> Result<f64, E> {
            match value {
                "NaN" => Ok(f64::NAN),
                "+Inf" => Ok(f64::INFINITY),
                "-Inf" => Ok(f64::NEG_INFINITY),
                _ => Err(E::invalid_value(de::Unexpected::Str(value), &self)),
            }
        }
    }
    deserializer.deserialize_any(Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(op: &str) -> Result<Op, serde_json::Error> {
        serde_json::from_str(op)
    }

    #[test]
    fn a_value_is_a_number_or_one_of_three_words() {
        for (value, expected) in [
            ("1", 1.0),
            ("-2.5", -2.5),
            ("1e300", 1e300),
            ("18446744073709551615", 18_446_744_073_709_551_615.0),
            ("\"+Inf\"", f64::INFINITY),
            ("\"-Inf\"", f64::NEG_INFINITY),
            ("\"NaN\"", f64::NAN),
        ] {
            let op = format!(r#"{{"op": "set", "metric": "m", "labels": {{}}, "value": {value}}}"#);
            let Op::Set(change) = parse(&op).unwrap() else {
                panic!("{op} is a set");
            };
            assert_eq!(change.value.to_bits(), expected.to_bits(), "{value}");
        }
    }

    #[test]
    fn an_op_that_is_unknown_or_has_other_fields_is_none() {
        for op in [
            r#"{"op": "frobnicate"}"#,
            r#"{"op": "inc", "metric": "m", "labels": {}}"#,
            r#"{"op": "inc", "metric": "m", "labels": {}, "value": "Inf"}"#,
            r#"{"op": "inc", "metric": "m", "labels": {}, "value": null}"#,
            r#"{"op": "inc", "metric": "m", "labels": {"a": 1}, "value": 1}"#,
            r#"{"op": "inc", "metric": "m", "labels": {}, "value": 1, "times": 2}"#,
            r#"{"op": "sleep", "ms": -1}"#,
            r#"{"op": "sleep"}"#,
            r#"{"op": "fail", "code": 1}"#,
            r#"{"op": "exit"}"#,
        ] {
            assert!(parse(op).is_err(), "{op}");
        }
    }
}
