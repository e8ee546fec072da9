//! A histogram: counts observations by size.

use std::sync::Arc;

use super::family::{Instrument, Series};
use super::{Cell, FileError};
use crate::file_name::Kind;
use crate::float::float_text;

/// Observations, counted in buckets that are not cumulative, and their sum (F6).
#[derive(Debug, Clone)]
pub struct Histogram(Arc<Buckets>);

#[derive(Debug)]
struct Buckets {
    sum: Cell,
    /// Ascending, the last one +Inf.
    bounds: Box<[f64]>,
    counts: Box<[Cell]>,
}

impl Instrument for Histogram {
    type Shape = Vec<f64>;

    fn create(series: &Series<'_>, bounds: &Vec<f64>) -> Result<Self, FileError> {
        let sum = series.cell(Kind::Histogram, "_sum", None)?;
        let bounds: Box<[f64]> = bounds.iter().copied().chain([f64::INFINITY]).collect();
        let bucket = |bound: &f64| {
            let le = ("le", &*float_text(*bound));
            series.cell(Kind::Histogram, "_bucket", Some(le))
        };
        let counts = bounds.iter().map(bucket).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Buckets { sum, bounds, counts })))
    }
}

impl Histogram {
    /// Records an observation: the sum first, then the bucket (F11). NaN falls in no bucket.
    #[inline]
    pub fn observe(&self, value: f64) {
        let Buckets { sum, bounds, counts } = &*self.0;
        sum.add(value);
        // Counting all bounds below is faster than looking for the first above: no branch depends
        // on the value. NaN has no bound above it.
        let above = bounds.iter().filter(|bound| value <= **bound).count();
        if let Some(count) = counts.get(bounds.len() - above) {
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
