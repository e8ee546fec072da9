//! The vocabulary that the three accounts share: label sets, series, metric types.

use std::fmt;

/// A label set: sorted by name, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// Sorts `pairs` by name; of a name that comes twice the last value stays.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let map: std::collections::BTreeMap<String, String> = pairs.into_iter().collect();
        Self(map.into_iter().collect())
    }

    /// Name and value of each label, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of label `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self
            .0
            .binary_search_by(|(have, _)| have.as_str().cmp(name))
            .ok()?;
        Some(&self.0[at].1)
    }

    /// The same set without label `name`.
    pub fn without(&self, name: &str) -> Self {
        Self(self.0.iter().filter(|(have, _)| have != name).cloned().collect())
    }

    /// The same set with label `name` set to `value`, whatever it was.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut labels = self.without(name);
        let at = labels.0.partition_point(|(have, _)| have.as_str() < name);
        labels.0.insert(at, (name.to_owned(), value.to_owned()));
        labels
    }

    /// Whether the set has no label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One time series: a sample name (`jobs_total`, `wait_seconds_bucket`) and its labels, `le` and `pid` included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The sample's name as it is exposed.
    pub sample: String,
    /// Its labels.
    pub labels: Labels,
}

impl Series {
    /// A series of that name and labels.
    pub fn new(sample: impl Into<String>, labels: Labels) -> Self {
        Self {
            sample: sample.into(),
            labels,
        }
    }
}

/// As the text format writes it: `jobs_total{queue="a"}`.
impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sample)?;
        if self.labels.is_empty() {
            return Ok(());
        }
        for (at, (name, value)) in self.labels.iter().enumerate() {
            f.write_str(if at == 0 { "{" } else { "," })?;
            let value = value
                .replace('\\', r"\\")
                .replace('\n', r"\n")
                .replace('"', "\\\"");
            write!(f, "{name}=\"{value}\"")?;
        }
        f.write_str("}")
    }
}

/// The type of a metric family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetricType {
    /// Only goes up; its sample carries `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// `_bucket`, `_sum`, `_count`.
    Histogram,
    /// `_sum`, `_count` and quantiles.
    Summary,
    /// `untyped` in text 0.0.4, `unknown` in OpenMetrics.
    Unknown,
    /// OpenMetrics only.
    Info,
    /// OpenMetrics only.
    StateSet,
    /// OpenMetrics only.
    GaugeHistogram,
}
