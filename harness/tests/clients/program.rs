//! What the processes of a directory record: the program that a client executes.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::harm::Harm;

/// Everything that is recorded into one directory.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Program {
    pub(crate) processes: Vec<Process>,
    /// What happens to the files afterwards.
    #[serde(skip)]
    pub(crate) harm: Option<Harm>,
    /// For the orders of the files.
    #[serde(skip)]
    pub(crate) seed: u64,
}

impl Program {
    /// Orders to read files in: the one given, and shuffled ones.
    pub(crate) fn orders(&self, files: &[String], count: usize) -> Vec<Vec<String>> {
        let mut random = fastrand::Rng::with_seed(self.seed);
        let shuffled = |_| {
            let mut files = files.to_vec();
            random.shuffle(&mut files);
            files
        };
        std::iter::once(files.to_vec())
            .chain((1..count).map(shuffled))
            .collect()
    }
}

/// One process. Where an id comes twice, the later process continues what the earlier one wrote.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Process {
    /// What the client takes for its pid.
    pub(crate) id: String,
    /// Whether it has the metrics of the process before it, as a child has that is forked (F9).
    pub(crate) forked: bool,
    /// Whether it is alive until all others are done (R15).
    pub(crate) outlives: bool,
    pub(crate) uses: Vec<Use>,
}

/// A metric and what is done to it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Use {
    pub(crate) family: Family,
    pub(crate) ops: Vec<Op>,
}

/// A metric as a process declares it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Of a gauge.
    pub(crate) mode: &'static str,
    pub(crate) labels: Vec<&'static str>,
    pub(crate) help: String,
    /// Of a histogram: finite, ascending.
    pub(crate) buckets: Vec<Double>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
    Summary,
}

/// One operation on the child of these label values, at some time.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Op {
    pub(crate) labels: Vec<LabelValue>,
    pub(crate) act: Act,
    pub(crate) at: Double,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Act {
    /// Only asked for: the series exists then (F7).
    Touch(Double),
    /// A counter by what is not negative, a gauge by anything.
    Inc(Double),
    Set(Double),
    Observe(Double),
}

/// What a label is set to. Python makes strings of everything; Ruby stores what JSON has (R3).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum LabelValue {
    Text(String),
    Number(i32),
    Truth(bool),
    Nothing(()),
}

/// A float that travels as its bits: JSON knows neither NaN nor infinities.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Double(pub(crate) f64);

impl Serialize for Double {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0.to_bits())
    }
}

impl fmt::Debug for Double {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
