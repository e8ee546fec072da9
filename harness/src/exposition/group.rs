//! Samples of one label set.

use std::collections::HashMap;

use super::dialect::Dialect;
use super::family::Sample;
use crate::series::Labels;

/// Something for every label set, one label of which tells the samples of a set apart (`le`, `quantile`); in
/// OpenMetrics for every time of one, too: each is a point of its own.
///
/// Samples of a set come in a row as a rule: then nothing is hashed or copied but once a set.
pub(super) struct Groups<'draft, T> {
    apart: &'static str,
    dialect: Dialect,
    current: Option<(&'draft Sample, usize)>,
    places: HashMap<(Labels, Option<u64>), usize, foldhash::fast::RandomState>,
    all: Vec<(usize, T)>,
}

impl<'draft, T: Default> Groups<'draft, T> {
    pub(super) fn new(apart: &'static str, dialect: Dialect) -> Self {
        Self {
            apart,
            dialect,
            current: None,
            places: HashMap::default(),
            all: Vec::new(),
        }
    }

    /// That of the sample's set, which is made where the sample, at `start`, is its first.
    pub(super) fn of(&mut self, start: usize, sample: &'draft Sample) -> &mut T {
        let place = match self.current {
            Some((last, place)) if self.is_same_set(last, sample) => place,
            _ => self.find(start, sample),
        };
        self.current = Some((sample, place));
        &mut self.all[place].1
    }

    fn find(&mut self, start: usize, sample: &Sample) -> usize {
        let next = self.all.len();
        let set = (sample.series.labels.without(self.apart), self.time(sample));
        let place = *self.places.entry(set).or_insert(next);
        if place == next {
            self.all.push((start, T::default()));
        }
        place
    }

    fn is_same_set(&self, one: &Sample, other: &Sample) -> bool {
        self.time(one) == self.time(other) && one.series.labels.same_but_for(self.apart, &other.series.labels)
    }

    /// What tells points apart that have the same labels.
    fn time(&self, sample: &Sample) -> Option<u64> {
        let timed = self.dialect == Dialect::OpenMetrics;
        sample.timestamp.filter(|_| timed).map(f64::to_bits)
    }

    /// Every set's, with where its first sample stands.
    pub(super) fn into_all(self) -> impl Iterator<Item = (usize, T)> {
        self.all.into_iter()
    }
}
