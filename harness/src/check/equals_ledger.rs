//! `truth/equals-ledger`: the merged files hold what was asked of the workers.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::equals_truth::{Shares, admissible_text};
use super::{Accounts, Difference, Finding, Outcome, Reading, Side};
use crate::exposition::go_float;
use crate::ledger::{Bounds, Prediction};
use crate::series::{MetricType, Series};
use crate::truth::{Admissible, Truth};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let inconclusive = |reason: String| Outcome::Inconclusive { reason };
    let reading = match &accounts.last.after {
        Ok(reading) => reading,
        Err(error) => return inconclusive(format!("the files cannot be read: {error}")),
    };
    let (open, indeterminate) = (accounts.ledger.open(), accounts.ledger.indeterminate());
    if open > 0 {
        return inconclusive(format!("{open} tasks were never acknowledged"));
    }
    if indeterminate > accounts.indeterminate_limit {
        let limit = accounts.indeterminate_limit;
        return inconclusive(format!(
            "{indeterminate} tasks are indeterminate, the scenario allows {limit}"
        ));
    }
    let account = differences(accounts.prediction, reading);
    if account.differences.is_empty() {
        return Outcome::Pass {
            exercised: account.compared,
        };
    }
    Outcome::Fail(Box::new(Finding {
        summary: account.summary(),
        side: Side::Writer,
        differences: account.differences,
        notes: Vec::new(),
    }))
}

/// Whether the files hold what the ledger predicts, so that waiting longer changes nothing.
pub fn agrees(prediction: &Prediction, reading: &Reading) -> bool {
    differences(prediction, reading).differences.is_empty()
}

#[derive(Default)]
struct Account {
    differences: Vec<Difference>,
    below: usize,
    above: usize,
    missing: usize,
    unasked: usize,
    compared: usize,
}

impl Account {
    fn summary(&self) -> String {
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
        let verb = match (self.below + self.missing > 0, self.above + self.unasked > 0) {
            (true, false) => "lost something",
            (false, true) => "counted too much",
            _ => "wrote something else than was asked",
        };
        format!(
            "the workers {verb}: of {} series in their files, {}",
            self.compared,
            named.join(", ")
        )
    }
}

fn differences(prediction: &Prediction, reading: &Reading) -> Account {
    let mut account = Account::default();
    let mut shares = Shares::of(&reading.snapshot, None);
    let otherwise = LazyCell::new(|| spelled_otherwise(&reading.truth));
    let mut asked_otherwise = BTreeSet::new();
    for (series, bounds) in &prediction.series {
        account.compared += 1;
        let exactly = reading.truth.admissible(series).map(|truth| (series, truth));
        let found = exactly.or_else(|| {
            let found = otherwise.get(series).copied();
            asked_otherwise.extend(found.map(|(stored, _)| stored));
            found
        });
        let Some((stored, truth)) = found else {
            if !bounds.optional {
                account.missing += 1;
                account
                    .differences
                    .push(difference(&mut shares, series, *bounds, None));
            }
            continue;
        };
        if !admits(*bounds, truth) {
            // What is not admitted is below the bounds, above them, or no number.
            let above = (bounds.lo..).contains(&truth.representative());
            *(if above {
                &mut account.above
            } else {
                &mut account.below
            }) += 1;
            account
                .differences
                .push(difference(&mut shares, stored, *bounds, Some(truth)));
        }
    }
    let families = reading
        .truth
        .families
        .iter()
        .filter(|family| prediction.families.contains(&family.name));
    let mut unasked: Vec<_> = families
        .filter_map(|family| family.outcomes.first())
        .flat_map(|outcome| &outcome.samples)
        .filter(|(series, _)| !(prediction.accounts_for(series) || asked_otherwise.contains(series)))
        .collect();
    unasked.sort_by_key(|(series, _)| *series);
    account.unasked = unasked.len();
    for (series, truth) in unasked {
        account.differences.push(Difference {
            series: series.to_string(),
            expected: "ledger nothing".to_owned(),
            got: format!("truth {}", admissible_text(truth)),
            parts: shares.next(series),
        });
    }
    account
}

/// The buckets whose bound the client spells otherwise than the ledger does, by the ledger's spelling: Ruby's `1000000.0` is
/// `1e+06` (R13). What was asked for is a bound, and no spelling; that it is served as it is stored is another check's.
fn spelled_otherwise(truth: &Truth) -> BTreeMap<Series, (&Series, &Admissible)> {
    let outcomes = truth.families.iter().filter_map(|family| family.outcomes.first());
    let histograms = outcomes.filter(|outcome| outcome.kind == MetricType::Histogram);
    let in_the_ledger = |series: &Series| {
        let spelled = series.labels.get("le")?;
        let bound = go_float(spelled.parse().ok()?);
        let labels = || series.labels.with("le", &bound);
        (bound != spelled).then(|| Series::new(Arc::clone(&series.sample), labels()))
    };
    let samples = histograms.flat_map(|outcome| &outcome.samples);
    samples
        .filter_map(|(series, truth)| Some((in_the_ledger(series)?, (series, truth))))
        .collect()
}

/// Whether some answer that the files admit lies within the bounds.
fn admits(bounds: Bounds, truth: &Admissible) -> bool {
    match truth {
        Admissible::Exact(value) => bounds.admits(*value),
        Admissible::OneOf(values) => values.iter().any(|value| bounds.admits(*value)),
        Admissible::Near { value, error } => value + error >= bounds.lo && value - error <= bounds.hi,
    }
}

fn difference(
    shares: &mut Shares<'_>,
    series: &Series,
    bounds: Bounds,
    truth: Option<&Admissible>,
) -> Difference {
    Difference {
        series: series.to_string(),
        expected: format!("ledger {bounds}"),
        got: truth.map_or_else(
            || "truth nothing".to_owned(),
            |truth| format!("truth {}", admissible_text(truth)),
        ),
        parts: shares.next(series),
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
