//! The vocabulary that the three accounts share: label sets, series, metric types.
//!
//! ```
//! use counterfoil::series::{Labels, Series};
//!
//! let pairs = [("queue", "a\nb"), ("le", "0.5"), ("le", "1.0")];
//! let labels = Labels::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
//! // In the order of their names, the last of each, so that equal sets are equal.
//! assert_eq!(labels, Labels::default().with("le", "1.0").with("queue", "a\nb"));
//! assert_eq!(Series::new("wait_bucket", labels).to_string(), r#"wait_bucket{le="1.0",queue="a\nb"}"#);
//! ```

use std::fmt;

/// A label set: sorted by name (M12), each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// Sorts `pairs` by name; of a name that comes twice the last value stays.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut pairs: Vec<(String, String)> = pairs.into_iter().collect();
        if !pairs.is_sorted_by(|one, next| one.0 < next.0) {
            // The sort is stable and the first of equals stays: reversed, that is the last one.
            pairs.reverse();
            pairs.sort_by(|one, other| one.0.cmp(&other.0));
            pairs.dedup_by(|next, kept| next.0 == kept.0);
        }
        Self(pairs)
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
        self.clone().set(name, value)
    }

    /// As [`with`](Self::with), of a set that is not needed any more.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        match self.0.binary_search_by(|(have, _)| have.as_str().cmp(name)) {
            Ok(at) => value.clone_into(&mut self.0[at].1),
            Err(at) => self.0.insert(at, (name.to_owned(), value.to_owned())),
        }
        self
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

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        Labels::new(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn labels_are_sorted_and_the_last_of_a_name_stays_m12() {
        let set = labels(&[("b", "1"), ("a", "2"), ("b", "3")]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [("a", "2"), ("b", "3")]);
        assert_eq!(set, labels(&[("a", "2"), ("b", "3")]));
    }

    #[test]
    fn a_label_is_added_replaced_and_taken_away() {
        let set = labels(&[("b", "1")]);
        assert_eq!(set.with("a", "2"), labels(&[("a", "2"), ("b", "1")]));
        assert_eq!(set.with("b", "2"), labels(&[("b", "2")]));
        assert!(set.without("b").is_empty());
        assert_eq!((set.get("b"), set.get("a")), (Some("1"), None));
    }

    #[test]
    fn a_series_is_shown_as_the_text_format_writes_it() {
        let series = Series::new("jobs_total", labels(&[("q", "a\"b\\c\nd"), ("z", "")]));
        assert_eq!(series.to_string(), r#"jobs_total{q="a\"b\\c\nd",z=""}"#);
        assert_eq!(Series::new("up", Labels::default()).to_string(), "up");
    }
}
