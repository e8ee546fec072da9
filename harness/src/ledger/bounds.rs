//! Bounds: what a series may hold, as far as the ledger knows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::series::Series;

/// The values that a series may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The smallest.
    pub lo: f64,
    /// The largest.
    pub hi: f64,
    /// Whether the series may be missing.
    pub optional: bool,
}

impl Bounds {
    /// Exactly that value; the series must be there.
    pub fn exactly(value: f64) -> Self {
        Self {
            lo: value,
            hi: value,
            optional: false,
        }
    }

    /// Anything between the two; the series must be there.
    pub fn between(lo: f64, hi: f64) -> Self {
        Self {
            lo,
            hi,
            optional: false,
        }
    }

    /// Nothing is known but that it may be there.
    pub fn anything() -> Self {
        Self {
            lo: f64::NEG_INFINITY,
            hi: f64::INFINITY,
            optional: true,
        }
    }

    /// The same, and the series may be missing.
    #[must_use]
    pub fn or_missing(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    /// The bounds of the sum of two independent values; there as soon as one of them is.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            lo: self.lo + other.lo,
            hi: self.hi + other.hi,
            optional: self.optional && other.optional,
        }
    }

    /// The smallest bounds that hold both; there as soon as one of them is.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self {
            lo: self.lo.min(other.lo),
            hi: self.hi.max(other.hi),
            optional: self.optional && other.optional,
        }
    }

    /// Whether the series may have that value.
    pub fn admits(self, value: f64) -> bool {
        (self.lo <= value && value <= self.hi) || (value.is_nan() && self.lo.is_nan() && self.hi.is_nan())
    }
}

impl std::fmt::Display for Bounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.lo == self.hi || self.lo.is_nan() {
            write!(f, "{}", self.lo)?;
        } else if self.lo == f64::NEG_INFINITY && self.hi == f64::INFINITY {
            f.write_str("any value")?;
        } else {
            write!(f, "{} to {}", self.lo, self.hi)?;
        }
        f.write_str(if self.optional { " or missing" } else { "" })
    }
}

/// What the files must hold: bounds for each series of the families that the ledger accounts for.
#[derive(Clone, Debug, Default)]
pub struct Prediction {
    /// Families, without `_total`, that the ledger accounts for: no other series of theirs may exist.
    pub families: BTreeSet<String>,
    /// The bounds, by series as the merged files name them.
    pub series: BTreeMap<Series, Bounds>,
    /// Gauges, without their label `pid`, that any process may hold with any value: an indeterminate task may have
    /// touched them in a process of which nothing else is known (M5).
    pub of_any_process: BTreeSet<Series>,
}

impl Prediction {
    /// Whether somebody asked for that series.
    pub fn accounts_for(&self, series: &Series) -> bool {
        let plain = || Series::new(Arc::clone(&series.sample), series.labels.without("pid"));
        let of_any_process = || series.labels.get("pid").is_some() && self.of_any_process.contains(&plain());
        self.series.contains_key(series) || of_any_process()
    }

    pub(super) fn add(&mut self, series: Series, bounds: Bounds) {
        self.series
            .entry(series)
            .and_modify(|have| *have = have.plus(bounds))
            .or_insert(bounds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_there_as_soon_as_one_part_is() {
        let sum = Bounds::exactly(2.0).plus(Bounds::between(0.0, 1.0).or_missing());
        assert_eq!(sum, Bounds::between(2.0, 3.0));
    }

    #[test]
    fn not_a_number_is_admitted_only_where_it_was_asked_for() {
        assert!(Bounds::exactly(f64::NAN).admits(f64::NAN));
        assert!(!Bounds::exactly(1.0).admits(f64::NAN));
        assert!(!Bounds::exactly(f64::NAN).admits(1.0));
    }
}
