//! No series comes twice, as it does where a registry holds what its collector merges (M14).

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use super::dialect::Dialect;
use super::document::Draft;
use super::family::Sample;
use super::finding::Findings;
use crate::series::Series;

/// Whether the series of a sample may come once only. In OpenMetrics one with a time may come again: those are points,
/// whose order is checked elsewhere, and two at what seems to be one time differ by less than the time's last digit.
fn comes_once(sample: &Sample, dialect: Dialect) -> bool {
    dialect == Dialect::Text || sample.timestamp.is_none()
}

/// The hashes of all series that may come once only: where no two are equal, none comes twice.
pub(super) struct Seen {
    dialect: Dialect,
    hasher: foldhash::fast::RandomState,
    hashes: Vec<u64>,
}

impl Seen {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            hasher: foldhash::fast::RandomState::default(),
            hashes: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, sample: &Sample) {
        if comes_once(sample, self.dialect) {
            self.hashes.push(self.hasher.hash_one(&sample.series));
        }
    }

    /// Whether a series may come twice, which [`check`] finds out.
    pub(super) fn any_twice(&self) -> bool {
        let state = foldhash::fast::RandomState::default();
        let mut distinct = HashSet::with_capacity_and_hasher(self.hashes.len(), state);
        !self.hashes.iter().all(|hash| distinct.insert(*hash))
    }
}

/// Looks for series that come twice in any family.
pub(super) fn check(drafts: &[Draft], dialect: Dialect, findings: &mut Findings) {
    let count = drafts.iter().map(|draft| draft.starts.len()).sum();
    let mut first_lines: HashMap<&Series, usize, foldhash::fast::RandomState> =
        HashMap::with_capacity_and_hasher(count, foldhash::fast::RandomState::default());
    for (start, _, sample) in drafts.iter().flat_map(Draft::samples) {
        if !comes_once(sample, dialect) {
            continue;
        }
        let first = *first_lines.entry(&sample.series).or_insert(sample.line);
        if first != sample.line {
            findings.push(start, "duplicate-series", || {
                let series = super::sample_line::shortened(&sample.series.to_string());
                format!("`{series}` is on line {first} already")
            });
        }
    }
}
