//! A counter: only grows.

use super::family::{Instrument, Series};
use super::{AnyThread, Cell, FileError, Writers};
use crate::file_name::Kind;

/// A value that only grows, stored as `_total` (F6).
#[derive(Debug, Clone)]
pub struct Counter<W = AnyThread>(Cell<W>);

impl<W: Writers> Instrument for Counter<W> {
    type Shape = ();

    fn create(series: &Series<'_>, (): &()) -> Result<Self, FileError> {
        series.cell(Kind::Counter, "_total").map(Self)
    }
}

impl<W: Writers> Counter<W> {
    /// Adds an amount.
    ///
    /// # Panics
    /// If the amount is negative or not a number.
    #[inline]
    pub fn inc(&self, amount: f64) {
        assert!(amount >= 0.0, "a counter only grows");
        self.0.add(amount);
    }

    /// The value that this process contributes.
    #[must_use]
    pub fn get(&self) -> f64 {
        self.0.get()
    }
}
