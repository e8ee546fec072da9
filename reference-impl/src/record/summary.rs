//! A summary: counts observations and adds them up.

use super::family::{Instrument, Series};
use super::{AnyThread, Cell, FileError, Writers};
use crate::file_name::Kind;

/// How many observations there were, and their sum (F6).
#[derive(Debug, Clone)]
pub struct Summary<W = AnyThread> {
    count: Cell<W>,
    sum: Cell<W>,
}

impl<W: Writers> Instrument for Summary<W> {
    type Shape = ();

    fn create(series: &Series<'_>, (): &()) -> Result<Self, FileError> {
        let keys = ["_count", "_sum"].map(|suffix| series.key(suffix, None));
        let mut cells = series.cells(Kind::Summary, &keys)?;
        let sum = cells.pop().expect("each key has a cell");
        let count = cells.pop().expect("each key has a cell");
        Ok(Self { count, sum })
    }
}

impl<W: Writers> Summary<W> {
    /// Records an observation.
    #[inline]
    pub fn observe(&self, value: f64) {
        self.count.add(1.0);
        self.sum.add(value);
    }

    /// How many observations this process made.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.count.get()
    }

    /// The sum of what this process observed.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum.get()
    }
}
