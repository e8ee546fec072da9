//! An op as it stands in a file: a table with the keys of all ops. Read flat, because what is read by its tag first
//! loses the place of every key.

use std::collections::BTreeMap;

use serde::de::{Error as _, value};
use serde::{Deserialize, Deserializer};

use super::op::{Number, OpSpec};
use crate::declaration;

/// The keys of an op that changes a metric.
const CHANGE: &[&str] = &["op", "metric", "labels", "value", "repeat"];

impl<'de> Deserialize<'de> for OpSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        declaration::read_table::<OpTable, _, _>(deserializer)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpTable {
    op: Name,
    metric: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    value: Option<Number>,
    repeat: Option<u32>,
    ms: Option<u64>,
    code: Option<u8>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Name {
    Inc,
    Add,
    Set,
    Observe,
    Sleep,
    Fail,
    Exit,
    Unknown,
}

impl Name {
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Inc | Self::Add | Self::Set | Self::Observe => CHANGE,
            Self::Sleep => &["op", "ms"],
            Self::Fail | Self::Unknown => &["op"],
            Self::Exit => &["op", "code"],
        }
    }
}

impl TryFrom<OpTable> for OpSpec {
    type Error = value::Error;

    fn try_from(table: OpTable) -> Result<Self, Self::Error> {
        table.refuse_keys_of_other_ops()?;
        let OpTable { op, metric, .. } = table;
        let metric = || metric.ok_or_else(|| value::Error::missing_field("metric"));
        let value = table.value.ok_or_else(|| value::Error::missing_field("value"));
        let (labels, repeat) = (table.labels.unwrap_or_default(), table.repeat.unwrap_or(1));
        Ok(match op {
            Name::Inc => Self::Inc {
                metric: metric()?,
                labels,
                value: table.value.unwrap_or(1.0),
                repeat,
            },
            Name::Add => Self::Add {
                metric: metric()?,
                labels,
                value: value?,
                repeat,
            },
            Name::Set => Self::Set {
                metric: metric()?,
                labels,
                value: value?,
                repeat,
            },
            Name::Observe => Self::Observe {
                metric: metric()?,
                labels,
                value: value?,
                repeat,
            },
            Name::Sleep => Self::Sleep {
                ms: table.ms.ok_or_else(|| value::Error::missing_field("ms"))?,
            },
            Name::Fail => Self::Fail {},
            Name::Unknown => Self::Unknown {},
            Name::Exit => Self::Exit {
                code: table.code.ok_or_else(|| value::Error::missing_field("code"))?,
            },
        })
    }
}

impl OpTable {
    fn refuse_keys_of_other_ops(&self) -> Result<(), value::Error> {
        let given = [
            ("metric", self.metric.is_some()),
            ("labels", self.labels.is_some()),
            ("value", self.value.is_some()),
            ("repeat", self.repeat.is_some()),
            ("ms", self.ms.is_some()),
            ("code", self.code.is_some()),
        ];
        let known = self.op.keys();
        match given
            .iter()
            .find(|(key, is_given)| *is_given && !known.contains(key))
        {
            Some((key, _)) => Err(value::Error::unknown_field(key, known)),
            None => Ok(()),
        }
    }
}
