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
#[serde(try_from = "Written")]
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
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The family's name.
    pub metric: String,
    /// Label values by label name.
    pub labels: BTreeMap<String, String>,
    /// The amount, value or observation.
    pub value: f64,
}

/// An op as it is written: by its name it has some of these and no other. Serde's own way to read that keeps a copy of all
/// of it until the name has come.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    op: Name,
    #[serde(default, deserialize_with = "there")]
    metric: Option<String>,
    #[serde(default, deserialize_with = "there")]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "there")]
    value: Option<Number>,
    #[serde(default, deserialize_with = "there")]
    ms: Option<u64>,
    #[serde(default, deserialize_with = "there")]
    code: Option<i32>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Name {
    Inc,
    Add,
    Set,
    Observe,
    Sleep,
    Fail,
    Exit,
}

/// What is written is of its type: `null` is nothing's.
fn there<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl TryFrom<Written> for Op {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let change = |metric, labels, value: Option<Number>| {
            Some(Change {
                metric: metric?,
                labels: labels?,
                value: value?.0,
            })
        };
        let Written {
            op,
            metric,
            labels,
            value,
            ms,
            code,
        } = written;
        let is_change = metric.is_some() || labels.is_some() || value.is_some();
        match (op, is_change, ms, code) {
            (Name::Sleep, false, Some(ms), None) => return Ok(Self::Sleep { ms }),
            (Name::Sleep, ..) => return Err("a sleep has `ms`, and nothing else"),
            (Name::Fail, false, None, None) => return Ok(Self::Fail {}),
            (Name::Fail, ..) => return Err("a fail has nothing else"),
            (Name::Exit, false, None, Some(code)) => return Ok(Self::Exit { code }),
            (Name::Exit, ..) => return Err("an exit has `code`, and nothing else"),
            (_, _, None, None) => {}
            _ => return Err(OF_A_METRIC),
        }
        let change = change(metric, labels, value).ok_or(OF_A_METRIC)?;
        Ok(match op {
            Name::Inc => Self::Inc(change),
            Name::Add => Self::Add(change),
            Name::Set => Self::Set(change),
            _ => Self::Observe(change),
        })
    }
}

const OF_A_METRIC: &str = "what is done to a metric has `metric`, `labels` and `value`, and nothing else";

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
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor).map(Self)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
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
    fn an_op_is_what_it_is_called() {
        let change = Change {
            metric: "m".to_owned(),
            labels: BTreeMap::from([("a".to_owned(), "1".to_owned())]),
            value: 2.0,
        };
        for (name, op) in [
            ("inc", Op::Inc(change.clone())),
            ("add", Op::Add(change.clone())),
            ("set", Op::Set(change.clone())),
            ("observe", Op::Observe(change)),
        ] {
            let text = format!(r#"{{"metric": "m", "labels": {{"a": "1"}}, "value": 2, "op": "{name}"}}"#);
            assert_eq!(parse(&text).unwrap(), op);
        }
        assert_eq!(parse(r#"{"op": "sleep", "ms": 5}"#).unwrap(), Op::Sleep { ms: 5 });
        assert_eq!(parse(r#"{"op": "fail"}"#).unwrap(), Op::Fail {});
        assert_eq!(
            parse(r#"{"op": "exit", "code": 3}"#).unwrap(),
            Op::Exit { code: 3 }
        );
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
            r#"{"op": "sleep", "ms": 1, "code": 1}"#,
            r#"{"op": "sleep", "ms": 1, "value": 1}"#,
            r#"{"op": "fail", "code": 1}"#,
            r#"{"op": "fail", "metric": "m"}"#,
            r#"{"op": "fail", "ms": null}"#,
            r#"{"op": "exit", "code": 1, "ms": 1}"#,
            r#"{"op": "exit", "code": 1, "labels": {}}"#,
            r#"{"op": "inc", "metric": "m", "labels": {}, "value": 1, "ms": 1}"#,
            r#"{"op": "inc", "metric": "m", "labels": {}, "value": 1, "code": 1}"#,
            r#"{"op": "inc", "metric": "m", "metric": "m", "labels": {}, "value": 1}"#,
            r#"{"metric": "m", "labels": {}, "value": 1}"#,
            r#"{"op": "exit"}"#,
        ] {
            assert!(parse(op).is_err(), "{op}");
        }
    }
}
