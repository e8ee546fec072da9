//! What an exposition holds: families, samples, exemplars.

use std::borrow::Cow;

use crate::series::{Labels, MetricType, Series};

/// Everything one scrape exposed, in the order it was exposed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exposition {
    /// The families, each once, even where the text names one twice (that is a finding).
    pub families: Vec<Family>,
}

/// A metric family and its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// As after `# TYPE`: in text 0.0.4 a counter's name has its `_total`, in OpenMetrics it has not.
    pub name: String,
    /// `Unknown` also where no `# TYPE` was given.
    pub kind: MetricType,
    /// The text after `# HELP`, unescaped. In text 0.0.4 blanks before it do not count.
    pub help: Option<String>,
    /// OpenMetrics only.
    pub unit: Option<String>,
    /// In the order of the text.
    pub samples: Vec<Sample>,
}

/// One line of an exposition.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Name and labels.
    pub series: Series,
    /// The value.
    pub value: f64,
    /// UNIX time in seconds (text 0.0.4 carries milliseconds).
    pub timestamp: Option<f64>,
    /// OpenMetrics only.
    pub exemplar: Option<Box<Exemplar>>,
    /// The line it stood on, from 1; 0 for a sample that was never text.
    pub line: usize,
}

/// A reference from a sample to something outside, such as a trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    /// Its own labels.
    pub labels: Labels,
    /// Its own value.
    pub value: f64,
    /// UNIX time in seconds.
    pub timestamp: Option<f64>,
}

impl Exposition {
    /// The family whose [`Family::family_name`] is `name`.
    pub fn family(&self, name: &str) -> Option<&Family> {
        self.families.iter().find(|family| family.family_name() == name)
    }

    /// Every sample, family by family.
    pub fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.families.iter().flat_map(|family| &family.samples)
    }
}

impl Family {
    /// A family without metadata and samples.
    pub fn new(name: impl Into<String>, kind: MetricType) -> Self {
        Self {
            name: name.into(),
            kind,
            help: None,
            unit: None,
            samples: Vec::new(),
        }
    }

    /// The name that both formats and the metric files agree on: a counter's without `_total` (F4).
    pub fn family_name(&self) -> &str {
        match self.kind {
            MetricType::Counter => self.name.strip_suffix("_total").unwrap_or(&self.name),
            _ => &self.name,
        }
    }

    /// The name that text 0.0.4 writes after `# TYPE`: that of the counter's samples.
    pub(super) fn text_name(&self) -> Cow<'_, str> {
        let plain = self
            .samples
            .first()
            .is_some_and(|sample| *sample.series.sample == *self.name);
        match self.kind {
            MetricType::Counter if !plain && !self.name.ends_with("_total") => {
                Cow::Owned(format!("{}_total", self.name))
            }
            MetricType::Info if !self.name.ends_with("_info") => Cow::Owned(format!("{}_info", self.name)),
            _ => Cow::Borrowed(&self.name),
        }
    }
}

impl Sample {
    /// A sample without timestamp, exemplar and line.
    pub fn new(series: Series, value: f64) -> Self {
        Self {
            series,
            value,
            timestamp: None,
            exemplar: None,
            line: 0,
        }
    }
}
