//! What a client makes of a directory, as it says itself.

use std::collections::BTreeMap;

use counterfoil::series::{Labels, Series};
use serde::Deserialize;

/// A merged family.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Served {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) help: String,
    samples: Vec<(String, BTreeMap<String, String>, u64)>,
}

impl Served {
    pub(crate) fn new(name: &str, kind: &str, help: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: kind.to_owned(),
            help: help.to_owned(),
            samples: Vec::new(),
        }
    }

    /// Adds a sample; of a label that comes twice the last value stays.
    pub(crate) fn push(&mut self, sample: &str, labels: Vec<(String, String)>, value: f64) {
        self.samples
            .push((sample.to_owned(), labels.into_iter().collect(), value.to_bits()));
    }

    pub(crate) fn samples(&self) -> impl Iterator<Item = (Series, f64)> {
        self.samples.iter().map(|(sample, labels, bits)| {
            (
                Series::new(sample.as_str(), Labels::new(labels.clone())),
                f64::from_bits(*bits),
            )
        })
    }

    /// Whether a series is served more than once (M5, R10).
    pub(crate) fn comes_twice(&self) -> bool {
        let mut seen = std::collections::HashSet::new();
        !self
            .samples
            .iter()
            .all(|(sample, labels, _)| seen.insert((sample, labels)))
    }
}
