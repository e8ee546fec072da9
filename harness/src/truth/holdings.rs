//! What each file contributes to any merged series.

use std::cell::OnceCell;

use super::family_merge::FastMap;
use super::merge::Merge;
use super::{Mode, Share};
use crate::series::{Labels, MetricType, Series};

/// The shares of every file, found in a time that does not depend on the number of series.
pub struct Holdings<'files> {
    merge: Option<Merge<'files>>,
    /// Made when it is first needed: who has nothing to explain asks for no share.
    index: OnceCell<Index>,
}

/// Where to look for a series.
struct Index {
    /// The places of the families that may serve a sample of that name, ascending.
    families: FastMap<String, Vec<usize>>,
    in_family: Vec<InFamily>,
}

/// Where to look in one family.
struct InFamily {
    /// What it is served as first; `None` where it is not.
    shape: Option<(MetricType, Option<Mode>)>,
    /// The places of its cells, by the labels that no merge adds, changes or takes away.
    cells: FastMap<Labels, Vec<usize>>,
}

impl<'files> Holdings<'files> {
    /// Those of a merge; of none, nobody holds anything.
    pub(super) fn in_merge(merge: Option<Merge<'files>>) -> Self {
        Self {
            merge,
            index: OnceCell::new(),
        }
    }

    /// What each file contributes to `series`, by the first outcome of its family: for a `_bucket` all of its
    /// buckets up to that bound, for a histogram's `_count` all of its buckets (M9), for a gauge what it holds.
    pub fn of(&self, series: &Series) -> Vec<Share> {
        let Some(merge) = &self.merge else {
            return Vec::new();
        };
        let index = self.index.get_or_init(|| Index::of(merge));
        let labels = kept(&series.labels);
        let families = index.families.get(&*series.sample).into_iter().flatten();
        let shares = families.map(|at| {
            let InFamily { shape, cells } = &index.in_family[*at];
            match (shape, cells.get(&labels)) {
                (Some(shape), Some(cells)) => merge.families[*at].shares(series, *shape, cells),
                _ => Vec::new(),
            }
        });
        shares
            .into_iter()
            .find(|shares| !shares.is_empty())
            .unwrap_or_default()
    }
}

impl Index {
    fn of(merge: &Merge<'_>) -> Self {
        let mut families: FastMap<String, Vec<usize>> = FastMap::default();
        let mut serves = |sample: &str, family: usize| {
            let places = match families.get_mut(sample) {
                Some(places) => places,
                None => families.entry(sample.to_owned()).or_default(),
            };
            if places.last() != Some(&family) {
                places.push(family);
            }
        };
        let mut in_family = Vec::new();
        for (at, family) in merge.families.iter().enumerate() {
            let mut cells: FastMap<Labels, Vec<usize>> = FastMap::default();
            for (place, cell) in family.cells.iter().enumerate() {
                serves(&cell.key.sample, at);
                cells.entry(kept(&cell.key.labels)).or_default().push(place);
            }
            // M9: both come of whatever has a bound.
            serves(&format!("{}_bucket", family.name), at);
            serves(&format!("{}_count", family.name), at);
            let shape = family.shapes().into_iter().next();
            in_family.push(InFamily { shape, cells });
        }
        Self { families, in_family }
    }
}

/// Without what a merge accumulates over (M9), and what it sets or strips (M5).
fn kept(labels: &Labels) -> Labels {
    let pairs = labels.iter().filter(|(name, _)| !matches!(*name, "le" | "pid"));
    Labels::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
}
