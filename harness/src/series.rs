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

mod labels;

use std::fmt;
use std::sync::Arc;

pub use labels::Labels;

/// One time series: a sample name (`jobs_total`, `wait_seconds_bucket`) and its labels, `le` and `pid` included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The sample's name as it is exposed. Series of one name may share it.
    pub sample: Arc<str>,
    /// Its labels.
    pub labels: Labels,
}

impl Series {
    /// A series of that name and labels.
    pub fn new(sample: impl Into<Arc<str>>, labels: Labels) -> Self {
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
        write!(f, "{{{}}}", self.labels)
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
    fn a_series_is_shown_as_the_text_format_writes_it() {
        let series = Series::new("jobs_total", labels(&[("q", "a\"b\\c\nd"), ("z", "")]));
        assert_eq!(series.to_string(), r#"jobs_total{q="a\"b\\c\nd",z=""}"#);
        assert_eq!(Series::new("up", Labels::default()).to_string(), "up");
    }
}
