//! Samples of one label set.

use std::collections::HashMap;

use super::family::Sample;
use crate::series::Labels;

/// Something for every label set, one label of which tells the samples of a set apart (`le`, `quantile`).
///
/// Samples of a set come in a row as a rule: then nothing is hashed or copied but once a set.
pub(super) struct Groups<'draft, T> {
    apart: &'static str,
    current: Option<(&'draft Labels, usize)>,
    places: HashMap<Labels, usize, foldhash::fast::RandomState>,
    all: Vec<(usize, T)>,
}

impl<'draft, T: Default> Groups<'draft, T> {
    pub(super) fn new(apart: &'static str) -> Self {
        Self {
            apart,
            current: None,
            places: HashMap::default(),
            all: Vec::new(),
        }
    }

    /// That of the sample's set, which is made where the sample, at `start`, is its first.
    pub(super) fn of(&mut self, start: usize, sample: &'draft Sample) -> &mut T {
        let labels = &sample.series.labels;
        let place = match self.current {
            Some((last, place)) if self.is_same_set(last, labels) => place,
            _ => self.find(start, labels),
        };
        self.current = Some((labels, place));
        &mut self.all[place].1
    }

    fn find(&mut self, start: usize, labels: &Labels) -> usize {
        let next = self.all.len();
        let place = *self.places.entry(labels.without(self.apart)).or_insert(next);
        if place == next {
            self.all.push((start, T::default()));
        }
        place
    }

    fn is_same_set(&self, one: &Labels, other: &Labels) -> bool {
        let one = one.iter().filter(|(name, _)| *name != self.apart);
        one.eq(other.iter().filter(|(name, _)| *name != self.apart))
    }

    /// Every set's, with where its first sample stands.
    pub(super) fn into_all(self) -> impl Iterator<Item = (usize, T)> {
        self.all.into_iter()
    }
}
