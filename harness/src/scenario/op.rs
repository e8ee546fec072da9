//! The tasks that a scenario declares, and the ops that they are made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Spanned;

/// A task that every worker registers: a name and what it does.
#[derive(Clone, Debug, Deserialize, Serialize)]
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
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum OpSpec {
    /// Adds to a counter.
    Inc {
        /// The counter.
        metric: String,
        /// Its label values.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        labels: BTreeMap<String, String>,
        /// By how much.
        value: Number,
        /// How many times.
        #[serde(skip_serializing_if = "is_once")]
        repeat: u32,
    },
    /// Adds to a gauge.
    Add {
        /// The gauge.
        metric: String,
        /// Its label values.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        labels: BTreeMap<String, String>,
        /// By how much, of any sign.
        value: Number,
        /// How many times.
        #[serde(skip_serializing_if = "is_once")]
        repeat: u32,
    },
    /// Sets a gauge.
    Set {
        /// The gauge.
        metric: String,
        /// Its label values.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        labels: BTreeMap<String, String>,
        /// To what.
        value: Number,
        /// How many times.
        #[serde(skip_serializing_if = "is_once")]
        repeat: u32,
    },
    /// Observes into a histogram or summary.
    Observe {
        /// The histogram or summary.
        metric: String,
        /// Its label values.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        labels: BTreeMap<String, String>,
        /// The observed value.
        value: Number,
        /// How many times.
        #[serde(skip_serializing_if = "is_once")]
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
    /// Nothing that a worker program knows: the whole task must be refused.
    Unknown {},
}

/// Whether a number of times may be left out of a file.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) fn is_once(repeat: &u32) -> bool {
    *repeat == 1
}
