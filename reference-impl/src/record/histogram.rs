//! A histogram: counts observations by size.

use std::iter;
use std::sync::Arc;

use smallvec::SmallVec;

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
    /// Ascending; behind +Inf the last chunk is filled with it, which nothing is above. The first is here, and not somewhere
    /// else: an exchange has all that is read after it wait.
    bounds: SmallVec<[[f64; CHUNK]; 1]>,
    counts: Box<[Cell<W>]>,
}

/// As many bounds as most histograms have: they are compared without a loop, and without a branch.
const CHUNK: usize = 16;
/// How many of them a processor compares at once.
const LANES: usize = 2;

impl<W: Writers> Instrument for Histogram<W> {
    type Shape = Vec<f64>;

    fn create(series: &Series<'_>, bounds: &Vec<f64>) -> Result<Self, FileError> {
        let mut bounds: Vec<f64> = bounds.iter().copied().chain([f64::INFINITY]).collect();
        let buckets = bounds.iter().map(|bound| {
            let le = ("le", &*float_text(*bound));
            series.key("_bucket", Some(le))
        });
        let keys: Vec<_> = iter::once(series.key("_sum", None)).chain(buckets).collect();
        let mut cells = series.cells(Kind::Histogram, &keys)?.into_iter();
        let sum = cells.next().expect("each key has a cell");
        let counts = cells.collect();
        bounds.resize(bounds.len().next_multiple_of(CHUNK), f64::INFINITY);
        let bounds = SmallVec::from_slice(bounds.as_chunks().0);
        Ok(Self(Arc::new(Buckets { sum, bounds, counts })))
    }
}

impl<W: Writers> Histogram<W> {
    /// Records an observation: the sum first, then the bucket (F11). NaN falls in no bucket.
    #[inline]
    pub fn observe(&self, value: f64) {
        let Buckets { sum, bounds, counts } = &*self.0;
        // Counting all bounds is faster than looking for the first that is great enough: no branch depends on the
        // value.
        let mut below = [0; LANES];
        for chunk in bounds {
            for (at, bound) in chunk.iter().enumerate() {
                below[at % LANES] += u64::from(*bound < value);
            }
        }
        let below: u64 = below.iter().sum();
        sum.add(value);
        if value.is_nan() {
            return;
        }
        if let Some(count) = counts.get(below as usize) {
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
