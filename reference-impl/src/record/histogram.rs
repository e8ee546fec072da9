//! A histogram: counts observations by size.

use std::hint::select_unpredictable;
use std::iter;
use std::sync::Arc;

use super::family::{Instrument, Series};
use super::{AnyThread, Cell, FileError, Writers};
use crate::file_name::Kind;
use crate::float::float_text;

/// Observations, counted in buckets that are not cumulative, and their sum (F6).
#[derive(Debug, Clone)]
pub struct Histogram<W = AnyThread>(Arc<Buckets<W>>);

#[derive(Debug)]
struct Buckets<W> {
    sum: Cell<W>,
    bounds: Bounds,
    counts: Box<[Cell<W>]>,
}

impl<W: Writers> Instrument for Histogram<W> {
    type Shape = Vec<f64>;

    fn create(series: &Series<'_>, bounds: &Vec<f64>) -> Result<Self, FileError> {
        let bounds = Bounds::new(bounds);
        let buckets = bounds.all.iter().map(|bound| {
            let le = ("le", &*float_text(*bound));
            series.key("_bucket", Some(le))
        });
        let keys: Vec<_> = iter::once(series.key("_sum", None)).chain(buckets).collect();
        let mut cells = series.cells(Kind::Histogram, &keys)?.into_iter();
        let sum = cells.next().expect("each key has a cell");
        let counts = cells.collect();
        Ok(Self(Arc::new(Buckets { sum, bounds, counts })))
    }
}

impl<W: Writers> Histogram<W> {
    /// Records an observation: the sum first, then the bucket (F11). NaN falls in no bucket.
    #[inline]
    pub fn observe(&self, value: f64) {
        let Buckets { sum, bounds, counts } = &*self.0;
        let bucket = bounds.bucket(value);
        sum.add(value);
        if value.is_nan() {
            return;
        }
        if let Some(count) = counts.get(bucket) {
            count.add(1.0);
        }
    }

    /// The sum of what this process observed.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.0.sum.get()
    }

    /// How many observations this process counted.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.0.counts.iter().map(Cell::get).sum()
    }
}

/// The buckets' upper bounds, ascending, +Inf the last.
#[derive(Debug)]
struct Bounds {
    /// The first, with +Inf for those that are missing. They lie here, and not somewhere else: nothing is read sooner.
    first: [f64; FIRST],
    all: Box<[f64]>,
}

/// As many as most histograms have, and a power of two: a place among them takes four comparisons.
const FIRST: usize = 16;

impl Bounds {
    fn new(finite: &[f64]) -> Self {
        let all: Box<[f64]> = finite.iter().copied().chain([f64::INFINITY]).collect();
        let first = std::array::from_fn(|at| all.get(at).copied().unwrap_or(f64::INFINITY));
        Self { first, all }
    }

    /// The place of the bucket that a value falls in: how many bounds it is above, none for NaN.
    ///
    /// No branch depends on a value among the first, so that it is known before the exchange of the observation
    /// before it has ended.
    #[inline]
    fn bucket(&self, value: f64) -> usize {
        let mut above = 0;
        for step in [FIRST / 2, FIRST / 4, FIRST / 8, FIRST / 16] {
            above = select_unpredictable(self.first[above + step - 1] < value, above + step, above);
        }
        if above < FIRST - 1 {
            return above;
        }
        self.all.partition_point(|bound| *bound < value)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, FIRST};

    #[test]
    fn a_value_falls_in_the_first_bucket_whose_bound_it_is_not_above_m9() {
        for len in 0..=3 * FIRST {
            let finite: Vec<f64> = (0..len).map(|at| at as f64 - 2.0).collect();
            let bounds = Bounds::new(&finite);
            for (at, bound) in bounds.all.iter().enumerate() {
                assert_eq!(bounds.bucket(*bound), at, "{bound} among {len}");
                let above = (at + 1).min(len);
                assert_eq!(bounds.bucket(bound.next_up()), above, "above {bound} among {len}");
            }
            assert_eq!(bounds.bucket(f64::NEG_INFINITY), 0);
            assert_eq!(bounds.bucket(f64::NAN), 0);
        }
    }
}
