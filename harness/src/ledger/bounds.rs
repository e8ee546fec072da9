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
        let optional = self.optional && other.optional;
        Self::reaching(self.lo + other.lo, self.hi + other.hi, optional)
    }

    /// The smallest bounds that hold both; there as soon as one of them is.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        let optional = self.optional && other.optional;
        if self.lo.is_nan() == other.lo.is_nan() {
            Self::reaching(self.lo.min(other.lo), self.hi.max(other.hi), optional)
        } else {
            Self::unknown(optional)
        }
    }

    /// Bounds from `lo` to `hi`. NaN lies between no numbers: what is NaN or a number may be anything.
    fn reaching(lo: f64, hi: f64, optional: bool) -> Self {
        if lo.is_nan() == hi.is_nan() {
            Self { lo, hi, optional }
        } else {
            Self::unknown(optional)
        }
    }

    fn unknown(optional: bool) -> Self {
        Self {
            optional,
            ..Self::anything()
        }
    }

    fn is_anything(self) -> bool {
        (self.lo, self.hi) == (f64::NEG_INFINITY, f64::INFINITY)
    }

    /// Whether the series may have that value.
    pub fn admits(self, value: f64) -> bool {
        if value.is_nan() {
            self.lo.is_nan() || self.is_anything()
        } else {
            (self.lo..=self.hi).contains(&value)
        }
    }
}

impl std::fmt::Display for Bounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.lo == self.hi || self.lo.is_nan() {
            write!(f, "{}", self.lo)?;
        } else if self.is_anything() {
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
    /// Gauges that show each process for itself as long as it lives, by name (M5, M8).
    pub of_each_living: BTreeSet<String>,
    /// How many terms there are in all.
    terms: u32,
    /// Of each series that has a term which is not whole or below 0: sums of all others are exact.
    inexact: BTreeMap<Series, Inexact>,
}

/// What a sum may be off by.
#[derive(Clone, Copy, Debug)]
struct Inexact {
    /// Whether there is more than one term.
    is_sum: bool,
    /// The sizes of its terms that are not whole or below 0, added up.
    size: f64,
}

impl Prediction {
    /// Whether somebody asked for that series.
    pub fn accounts_for(&self, series: &Series) -> bool {
        let plain = || Series::new(Arc::clone(&series.sample), series.labels.without("pid"));
        let of_any_process = || series.labels.get("pid").is_some() && self.of_any_process.contains(&plain());
        self.series.contains_key(series) || of_any_process()
    }

    /// How far two sums of what was asked of a series may lie apart that were added up in different orders; 0 where every
    /// order comes to the same.
    pub fn rounding(&self, series: &Series) -> f64 {
        let inexact = self.inexact.get(series).filter(|inexact| inexact.is_sum);
        let (Some(Inexact { size, .. }), Some(sum)) = (inexact, self.series.get(series)) else {
            return 0.0;
        };
        // Each of two orders is off by at most (n - 1) · ε/2 · Σ|x|, and Σ|x| is at most the sum and what is not in it, twice.
        let most = finite_size(*sum) + 2.0 * size;
        f64::from(self.terms) * f64::EPSILON * most
    }

    pub(super) fn add(&mut self, series: Series, bounds: Bounds) {
        self.terms += 1;
        let is_plain = |value: f64| value.fract() == 0.0 && value >= 0.0;
        let is_term = |bounds: Bounds| finite_size(bounds) > 0.0;
        if let Some(inexact) = self.inexact.get_mut(&series).filter(|_| is_term(bounds)) {
            inexact.is_sum = true;
        }
        if !(is_plain(bounds.lo) && is_plain(bounds.hi)) {
            let is_sum = self.series.get(&series).is_some_and(|have| is_term(*have));
            let new = || Inexact { is_sum, size: 0.0 };
            self.inexact.entry(series.clone()).or_insert_with(new).size += finite_size(bounds);
        }
        self.series
            .entry(series)
            .and_modify(|have| *have = have.plus(bounds))
            .or_insert(bounds);
    }
}

/// The greater of the two, as far as it is finite: what is infinite is so in any order.
fn finite_size(bounds: Bounds) -> f64 {
    let sizes = [bounds.lo, bounds.hi].map(f64::abs).into_iter();
    sizes.filter(|size| size.is_finite()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Labels;

    #[test]
    fn a_sum_is_rounded_by_all_terms_and_their_sizes_unless_it_is_exact() {
        let (jobs, other) = (
            Series::new("jobs_total", Labels::default()),
            Series::new("other_total", Labels::default()),
        );
        let mut prediction = Prediction::default();
        let mut added = |bounds: Bounds| {
            prediction.add(jobs.clone(), bounds);
            prediction.rounding(&jobs)
        };
        assert_eq!(
            (added(Bounds::exactly(4.0)), added(Bounds::between(0.0, 1.0))),
            (0.0, 0.0)
        );
        assert_eq!(added(Bounds::exactly(0.5)), 3.0 * f64::EPSILON * 6.5);
        assert_eq!(added(Bounds::exactly(-2.0)), 4.0 * f64::EPSILON * 8.5);
        assert_eq!(
            added(Bounds::between(0.0, f64::INFINITY)),
            5.0 * f64::EPSILON * 7.5
        );
        assert_eq!(prediction.rounding(&other), 0.0);
    }

    #[test]
    fn one_term_alone_is_not_rounded() {
        let reading = Series::new("reading", Labels::default());
        let mut prediction = Prediction::default();
        let mut added = |bounds: Bounds| {
            prediction.add(reading.clone(), bounds);
            prediction.rounding(&reading)
        };
        assert_eq!(added(Bounds::exactly(0.0)), 0.0);
        assert_eq!(added(Bounds::between(0.0, 0.5)), 0.0);
        assert_eq!(added(Bounds::exactly(0.0)), 0.0);
        assert_eq!(added(Bounds::exactly(2.0)), 4.0 * f64::EPSILON * 3.5);
    }

    #[test]
    fn a_sum_is_there_as_soon_as_one_part_is() {
        let sum = Bounds::exactly(2.0).plus(Bounds::between(0.0, 1.0).or_missing());
        assert_eq!(sum, Bounds::between(2.0, 3.0));
    }

    #[test]
    fn what_may_be_missing_is_there_as_soon_as_one_of_two_is() {
        let (there, missing) = (Bounds::exactly(1.0), Bounds::exactly(1.0).or_missing());
        for (one, other, optional) in [
            (there, there, false),
            (there, missing, false),
            (missing, there, false),
            (missing, missing, true),
        ] {
            assert_eq!(one.plus(other).optional, optional);
            assert_eq!(one.hull(other).optional, optional);
        }
    }

    #[test]
    fn bounds_admit_both_their_ends_and_nothing_beyond() {
        let bounds = Bounds::between(-2.0, 3.0);
        assert!([-2.0, 0.0, 3.0].into_iter().all(|value| bounds.admits(value)));
        assert!(
            [-2.5, 3.5, f64::INFINITY]
                .into_iter()
                .all(|value| !bounds.admits(value))
        );
        let from_either_side = Bounds::exactly(3.0).hull(Bounds::exactly(-2.0));
        assert_eq!(from_either_side, bounds);
        assert!(Bounds::exactly(f64::INFINITY).admits(f64::INFINITY));
    }

    #[test]
    fn not_a_number_is_admitted_only_where_it_was_asked_for_or_anything_may_be() {
        let nan = Bounds::exactly(f64::NAN);
        assert!(nan.admits(f64::NAN) && nan.plus(Bounds::exactly(1.0)).admits(f64::NAN));
        assert!(
            !Bounds::exactly(1.0).admits(f64::NAN) && !Bounds::between(0.0, f64::INFINITY).admits(f64::NAN)
        );
        assert!(!nan.admits(1.0) && !nan.hull(nan).admits(1.0));
        assert!(Bounds::anything().admits(f64::NAN));
    }

    #[test]
    fn what_is_a_number_or_none_may_be_anything() {
        let (nan, one) = (Bounds::exactly(f64::NAN), Bounds::exactly(1.0));
        let may_be_infinite = Bounds::exactly(f64::NEG_INFINITY).plus(Bounds::between(0.0, f64::INFINITY));
        for bounds in [nan.hull(one), one.hull(nan), may_be_infinite] {
            assert!(bounds.admits(f64::NAN) && bounds.admits(1.0) && bounds.admits(f64::NEG_INFINITY));
            assert!(!bounds.optional);
        }
        assert!(nan.hull(one.or_missing()).or_missing().optional);
    }

    #[test]
    fn bounds_are_told_as_short_as_they_are_known() {
        for (bounds, told) in [
            (Bounds::exactly(5.0), "5"),
            (Bounds::exactly(f64::NAN), "NaN"),
            (Bounds::between(3.0, 5.5), "3 to 5.5"),
            (Bounds::between(0.0, f64::INFINITY), "0 to inf"),
            (Bounds::between(f64::NEG_INFINITY, 0.0), "-inf to 0"),
            (Bounds::between(3.0, 5.0).or_missing(), "3 to 5 or missing"),
            (Bounds::anything(), "any value or missing"),
        ] {
            assert_eq!(bounds.to_string(), told);
        }
    }
}
