//! An account held against the ledger: every series within its bounds, none missing, none that nobody asked for.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::equals_truth::admissible_text;
use super::{Accounts, Difference, Part};
use crate::exposition::go_float;
use crate::ledger::{Bounds, Prediction};
use crate::series::Series;
use crate::truth::Admissible;

/// The series of an account, each once.
pub(super) type Account<'a> = BTreeMap<&'a Series, Sample<'a>>;

/// What an account has of a series.
pub(super) struct Sample<'a> {
    /// What it holds.
    pub(super) value: Cow<'a, Admissible>,
    /// Whether the ledger accounts for its family, so that somebody must have asked for it.
    pub(super) is_asked: bool,
}

impl Sample<'_> {
    /// A number that is what it is.
    pub(super) fn number(value: f64, is_asked: bool) -> Self {
        let value = Cow::Owned(Admissible::Exact(value));
        Self { value, is_asked }
    }
}

/// Why the ledger does not say what there must be, if it does not.
pub(super) fn untold(accounts: &Accounts<'_>) -> Option<String> {
    let (open, indeterminate) = (accounts.ledger.open(), accounts.ledger.indeterminate());
    let limit = accounts.indeterminate_limit;
    if open > 0 {
        Some(format!("{open} tasks were never acknowledged"))
    } else if indeterminate > limit {
        Some(format!(
            "{indeterminate} tasks are indeterminate, the scenario allows {limit}"
        ))
    } else {
        None
    }
}

/// Where an account and the ledger differ.
#[derive(Default)]
pub(super) struct Comparison<'a> {
    /// Series by series: those that were asked for, then those that nobody asked for.
    pub(super) differing: Vec<Differing<'a>>,
    pub(super) below: usize,
    pub(super) above: usize,
    pub(super) missing: usize,
    pub(super) unasked: usize,
    pub(super) compared: usize,
}

/// One series in which they differ.
pub(super) struct Differing<'a> {
    series: &'a Series,
    /// `None`: nobody asked for it.
    bounds: Option<Bounds>,
    /// `None`: the account does not have it.
    got: Option<&'a Admissible>,
}

impl Comparison<'_> {
    /// How many series differ, by how they do.
    pub(super) fn counted(&self) -> String {
        let counts = [
            (self.below, "below"),
            (self.above, "above what was asked of the workers"),
            (self.missing, "missing"),
            (self.unasked, "that nobody asked for"),
        ];
        let named: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        named.join(", ")
    }

    /// The differences, with the name of the account, and each process's share where it is known.
    pub(super) fn differences(
        &self,
        account: &str,
        mut shares: impl FnMut(&Series) -> Vec<Part>,
    ) -> Vec<Difference> {
        let nothing = || "nothing".to_owned();
        let differing = self.differing.iter().map(|differing| Difference {
            series: differing.series.to_string(),
            expected: format!(
                "ledger {}",
                differing.bounds.map_or_else(nothing, |bounds| bounds.to_string())
            ),
            got: format!(
                "{account} {}",
                differing.got.map_or_else(nothing, admissible_text)
            ),
            parts: shares(differing.series),
        });
        differing.collect()
    }
}

/// Holds an account against what the ledger predicts.
pub(super) fn compare<'a>(prediction: &'a Prediction, account: &'a Account<'a>) -> Comparison<'a> {
    let mut comparison = Comparison::default();
    let otherwise = LazyCell::new(|| spelled_otherwise(account));
    let mut asked_otherwise = BTreeSet::new();
    for (series, bounds) in &prediction.series {
        comparison.compared += 1;
        let found = account.get_key_value(series).or_else(|| {
            let found = otherwise.get(series).copied();
            asked_otherwise.extend(found.map(|(stored, _)| *stored));
            found
        });
        let Some((stored, sample)) = found else {
            if !bounds.optional {
                comparison.missing += 1;
                comparison.differ(series, Some(*bounds), None);
            }
            continue;
        };
        if !is_within(*bounds, &sample.value, prediction.rounding(series)) {
            // What is not admitted is below the bounds, above them, or no number.
            let above = (bounds.lo..).contains(&sample.value.representative());
            *(if above {
                &mut comparison.above
            } else {
                &mut comparison.below
            }) += 1;
            comparison.differ(stored, Some(*bounds), Some(&*sample.value));
        }
    }
    for (series, sample) in account.iter().filter(|(_, sample)| sample.is_asked) {
        if !(prediction.accounts_for(series) || asked_otherwise.contains(series)) {
            comparison.unasked += 1;
            comparison.differ(series, None, Some(&*sample.value));
        }
    }
    comparison
}

impl<'a> Comparison<'a> {
    fn differ(&mut self, series: &'a Series, bounds: Option<Bounds>, got: Option<&'a Admissible>) {
        self.differing.push(Differing { series, bounds, got });
    }
}

/// The buckets whose bound the account spells otherwise than the ledger does, by the ledger's spelling: Ruby's `1000000.0` is
/// `1e+06` (R13). What was asked for is a bound, and no spelling; that it is served as it is stored is another check's.
fn spelled_otherwise<'a>(account: &'a Account<'a>) -> BTreeMap<Series, (&'a &'a Series, &'a Sample<'a>)> {
    let in_the_ledger = |series: &Series| {
        let spelled = series
            .labels
            .get("le")
            .filter(|_| series.sample.ends_with("_bucket"))?;
        let bound = go_float(spelled.parse().ok()?);
        let labels = || series.labels.with("le", &bound);
        (bound != spelled).then(|| Series::new(Arc::clone(&series.sample), labels()))
    };
    account
        .iter()
        .filter_map(|(series, sample)| Some((in_the_ledger(series)?, (series, sample))))
        .collect()
}

/// Whether it is within the bounds, or would be had it been added up in the ledger's order.
fn is_within(bounds: Bounds, got: &Admissible, rounding: f64) -> bool {
    let rounded = Admissible::Near {
        value: got.representative(),
        error: rounding,
    };
    admits(bounds, got) || admits(bounds, &rounded)
}

/// Whether some answer that the account admits lies within the bounds.
fn admits(bounds: Bounds, got: &Admissible) -> bool {
    match got {
        Admissible::Exact(value) => bounds.admits(*value),
        Admissible::OneOf(values) => values.iter().any(|value| bounds.admits(*value)),
        Admissible::Near { value, error } => value + error >= bounds.lo && value - error <= bounds.hi,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_several_within_the_bounds_is_enough() {
        let truth = Admissible::OneOf(vec![1.0, 7.0]);
        assert!(admits(Bounds::between(0.0, 2.0), &truth) && admits(Bounds::exactly(7.0), &truth));
        assert!(!admits(Bounds::between(2.0, 6.0), &truth));
    }

    #[test]
    fn a_sum_is_within_the_bounds_as_soon_as_its_error_reaches_them() {
        let sum = Admissible::Near {
            value: 10.0,
            error: 0.5,
        };
        for (lo, hi, admitted) in [
            (9.0, 11.0, true),
            (10.5, 11.0, true),
            (10.6, 11.0, false),
            (9.0, 9.5, true),
            (9.0, 9.4, false),
        ] {
            assert_eq!(admits(Bounds::between(lo, hi), &sum), admitted, "{lo} to {hi}");
        }
    }
}
