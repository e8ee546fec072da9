//! A gauge: goes up and down.

use std::time::{SystemTime, UNIX_EPOCH};

use super::family::{Instrument, Series};
use super::{AnyThread, Cell, FileError, Writers};
use crate::file_name::{Kind, Mode};

/// A value that goes up and down; its mode says how several processes' values become one.
#[derive(Debug, Clone)]
pub struct Gauge<W = AnyThread> {
    cell: Cell<W>,
    mode: Mode,
}

impl<W: Writers> Instrument for Gauge<W> {
    type Shape = Mode;

    fn create(series: &Series<'_>, &mode: &Mode) -> Result<Self, FileError> {
        let cell = series.cell(Kind::Gauge(mode), "")?;
        Ok(Self { cell, mode })
    }
}

impl<W: Writers> Gauge<W> {
    /// Sets the value; in a mostrecent mode the time is noted with it (F8).
    #[inline]
    pub fn set(&self, value: f64) {
        if self.mode.is_most_recent() {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            self.cell.set_at(value, now.as_secs_f64());
        } else {
            self.cell.set(value);
        }
    }

    /// Adds an amount of any sign.
    ///
    /// # Panics
    /// In a mostrecent mode: the sum of another time's value is not recent, and the Python client
    /// refuses it too.
    #[inline]
    pub fn add(&self, amount: f64) {
        assert!(!self.mode.is_most_recent(), "a mostrecent gauge is only set");
        self.cell.add(amount);
    }

    /// The value that this process contributes.
    #[must_use]
    pub fn get(&self) -> f64 {
        self.cell.get()
    }
}
