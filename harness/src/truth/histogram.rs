//! How the buckets of a family become its histogram (M9).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::family_merge::{FamilyMerge, OrderedMap, total};
use super::merge::Cell;
use super::slot::with_pid;
use super::sum::Sum;
use super::{Admissible, TruthError, bound};
use crate::series::{Labels, Series};

/// What buckets are summed under: all samples, no `le`; and the pid that the name of a gauge's file adds.
type Slot<'files> = (Labels, Option<&'files str>);

/// Bounds by rank: each as it is rendered, with the values of its entries.
type Buckets = BTreeMap<i64, (String, Vec<f64>)>;

impl<'files> FamilyMerge<'files> {
    /// M9. A stored `_count` gives way to the one that the buckets add up to.
    pub(super) fn histogram(&self) -> Result<Vec<(Series, Admissible)>, TruthError> {
        let [bucket, count]: [Arc<str>; 2] =
            ["bucket", "count"].map(|suffix| format!("{}_{suffix}", self.name).into());
        let buckets = self.buckets()?;
        let mut served = Vec::new();
        for (slot, parts) in self.slots(None, |key| key.labels.get("le").is_none()) {
            let replaced =
                *slot.sample == count && buckets.contains_key(&(slot.labels.clone().into_owned(), slot.pid));
            if !replaced {
                served.push((slot.series(), total(&parts)));
            }
        }
        for ((labels, pid), bounds) in buckets {
            let labels = with_pid(&labels, pid);
            let mut sum = Sum::default();
            for (le, values) in bounds.into_values() {
                sum.add_together(&values);
                let series = Series::new(Arc::clone(&bucket), labels.with("le", &le));
                served.push((series, sum.admissible()));
            }
            served.push((Series::new(Arc::clone(&count), labels), sum.admissible()));
        }
        Ok(served)
    }

    fn buckets(&self) -> Result<OrderedMap<Slot<'files>, Buckets>, TruthError> {
        let mut buckets: OrderedMap<Slot<'files>, Buckets> = OrderedMap::default();
        for cell in &self.cells {
            let Some(le) = cell.key.labels.get("le") else {
                continue;
            };
            let bound = bound::parse(le).ok_or_else(|| self.bad_bound(cell, le))?;
            let labels = cell.key.labels.without("le");
            for run in cell
                .contributions
                .chunk_by(|one, next| self.pid_of(*one) == self.pid_of(*next))
            {
                let slot = buckets.entry((labels.clone(), self.pid_of(run[0]))).or_default();
                let (_, values) = slot
                    .entry(bound::rank(bound))
                    .or_insert_with(|| (bound::render(bound, le), Vec::new()));
                values.extend(run.iter().map(|one| one.value));
            }
        }
        Ok(buckets)
    }

    fn bad_bound(&self, cell: &Cell<'_>, le: &str) -> TruthError {
        let first = cell.contributions.first().expect("a cell is made for an entry");
        let file = self.head(first.file).file;
        TruthError::Bound {
            path: file.path.clone(),
            offset: file.entries[first.at].offset,
            // It is the file's, and may be of any length.
            le: le.chars().take(200).collect(),
        }
    }
}
