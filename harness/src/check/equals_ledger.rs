//! `truth/equals-ledger`: the merged files hold what was asked of the workers.

use std::borrow::Cow;

use super::against::{Account, Comparison, Sample, compare, untold};
use super::equals_truth::Shares;
use super::{Accounts, Finding, Outcome, Reading, Side};
use crate::ledger::Prediction;
use crate::truth::Truth;

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let inconclusive = |reason: String| Outcome::Inconclusive { reason };
    let reading = match &accounts.last.after {
        Ok(reading) => reading,
        Err(error) => return inconclusive(format!("the files cannot be read: {error}")),
    };
    if let Some(reason) = untold(accounts) {
        return inconclusive(reason);
    }
    let account = account(accounts.prediction, &reading.truth);
    let comparison = compare(accounts.prediction, &account);
    if comparison.differing.is_empty() {
        return Outcome::Pass {
            exercised: comparison.compared,
        };
    }
    let mut shares = Shares::of(&reading.snapshot, None);
    Outcome::Fail(Box::new(Finding {
        summary: summary(&comparison),
        side: Side::Writer,
        differences: comparison.differences("truth", |series| shares.next(series)),
        notes: Vec::new(),
    }))
}

/// Whether the files hold what the ledger predicts, so that waiting longer changes nothing.
pub fn agrees(prediction: &Prediction, reading: &Reading) -> bool {
    compare(prediction, &account(prediction, &reading.truth))
        .differing
        .is_empty()
}

/// The merged files, where they may come to several things the first of them.
fn account<'a>(prediction: &Prediction, truth: &'a Truth) -> Account<'a> {
    let families = truth.families.iter().rev();
    let outcomes = families.filter_map(|family| Some((&family.name, family.outcomes.first()?)));
    let samples = outcomes.flat_map(|(name, outcome)| {
        let is_asked = prediction.families.contains(name);
        let samples = outcome.samples.iter();
        samples.map(move |(series, value)| {
            let value = Cow::Borrowed(value);
            (series, Sample { value, is_asked })
        })
    });
    samples.collect()
}

fn summary(comparison: &Comparison<'_>) -> String {
    let too_little = comparison.below + comparison.missing > 0;
    let too_much = comparison.above + comparison.unasked > 0;
    let verb = match (too_little, too_much) {
        (true, false) => "lost something",
        (false, true) => "counted too much",
        _ => "wrote something else than was asked",
    };
    format!(
        "the workers {verb}: of {} series in their files, {}",
        comparison.compared,
        comparison.counted()
    )
}
