//! `scrape/equals-truth`: what is served equals the merged files of all processes.

use std::collections::BTreeSet;

use super::compare::{Comparison, compare};
use super::diagnosis::{Diagnosis, diagnose};
use super::{Accounts, Difference, Finding, Outcome, Part, Reading, Side};
use crate::exposition::{Exposition, go_float};
use crate::series::Series;
use crate::truth::{Admissible, Holdings, Share, Snapshot};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let inconclusive = |reason: String| Outcome::Inconclusive { reason };
    let reading = match &accounts.last.after {
        Ok(reading) => reading,
        Err(error) => return inconclusive(format!("the files cannot be read: {error}")),
    };
    let scraped = match &accounts.last.scrape {
        Ok(scraped) => scraped,
        Err(error) => {
            return Outcome::Fail(Box::new(Finding::plain(
                Side::Server,
                format!("nothing is served: {error}"),
            )));
        }
    };
    let Some(parsed) = &scraped.parsed else {
        let unreadable = scraped.response.unreadable().unwrap_or_default();
        let summary = format!("no exposition is served, but {unreadable}");
        return Outcome::Fail(Box::new(Finding::plain(Side::Server, summary)));
    };
    if let Some(unrest) = accounts.unrest {
        return inconclusive(format!("the files did not rest: {unrest}"));
    }
    let comparison = compare(&reading.truth, &parsed.exposition);
    if comparison.is_clean() {
        return Outcome::Pass {
            exercised: comparison.compared,
        };
    }
    Outcome::Fail(Box::new(finding(reading, &parsed.exposition, comparison)))
}

/// The finding for a comparison that is not clean.
pub(crate) fn finding(reading: &Reading, served: &Exposition, comparison: Comparison) -> Finding {
    let diagnosis = diagnose(&reading.snapshot, &reading.truth, served);
    let summary = match &diagnosis {
        Some(diagnosis) => diagnosis.to_string(),
        None => counted(&comparison),
    };
    let different = comparison
        .different
        .iter()
        .map(|(series, truth, got)| (series, Some(truth), Some(*got)));
    let missing = comparison
        .missing
        .iter()
        .map(|(series, truth)| (series, Some(truth), None));
    let extra = comparison
        .extra
        .iter()
        .map(|(series, got)| (series, None, Some(*got)));
    let mut differing: Vec<_> = missing.chain(different).chain(extra).collect();
    differing.sort_by_key(|(series, ..)| tellingness(&series.sample));
    let mut shares = Shares::of(&reading.snapshot, diagnosis.as_ref());
    let nothing = |account: &str| format!("{account} nothing");
    let differences = differing.into_iter().map(|(series, truth, got)| Difference {
        series: series.to_string(),
        expected: truth.map_or_else(
            || nothing("truth"),
            |truth| format!("truth {}", admissible_text(truth)),
        ),
        got: got.map_or_else(|| nothing("scrape"), |got| format!("scrape {}", go_float(got))),
        parts: shares.next(series),
    });
    let differences = differences.collect();
    let mut notes: Vec<String> = comparison
        .families
        .iter()
        .map(|problem| format!("{} {}", problem.family, problem.message))
        .collect();
    notes.extend(foreign(&comparison));
    Finding {
        summary,
        side: Side::Server,
        differences,
        notes,
    }
}

/// What a reader should see first: counters, then gauges and counts, then sums, then the many buckets.
pub(super) fn tellingness(sample: &str) -> u8 {
    match sample {
        name if name.ends_with("_total") => 0,
        name if name.ends_with("_sum") => 2,
        name if name.ends_with("_bucket") => 3,
        _ => 1,
    }
}

fn counted(comparison: &Comparison) -> String {
    let counts = [
        (comparison.different.len(), "served with another value"),
        (comparison.missing.len(), "missing"),
        (comparison.extra.len() + comparison.foreign.len(), "in no file"),
    ];
    let named: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} series {what}"))
        .collect();
    match (named.is_empty(), comparison.families.first()) {
        (true, Some(problem)) => format!("{} {}", problem.family, problem.message),
        _ => format!("what is served is not what the files hold: {}", named.join(", ")),
    }
}

/// One line for all the series whose families are in no file (M15: `process_*`, `python_*`, a process's own
/// copy served beside the merged one).
fn foreign(comparison: &Comparison) -> Option<String> {
    let names: BTreeSet<&str> = comparison
        .foreign
        .iter()
        .map(|(series, _)| &*series.sample)
        .collect();
    if names.is_empty() {
        return None;
    }
    let shown: Vec<&str> = names.iter().copied().take(6).collect();
    let more = if names.len() > shown.len() { ", …" } else { "" };
    Some(format!(
        "{} series are served that no file knows: {}{more}",
        comparison.foreign.len(),
        shown.join(", ")
    ))
}

pub(super) fn admissible_text(admissible: &Admissible) -> String {
    match admissible {
        Admissible::Exact(value) => go_float(*value),
        Admissible::OneOf(values) => {
            let values: Vec<String> = values.iter().map(|value| go_float(*value)).collect();
            format!("one of {}", values.join(", "))
        }
        Admissible::Near { value, error } => format!("{} ± {error:e}", go_float(*value)),
    }
}

/// How many differences come with every process's share: a reader looks at few, and a report stays small.
const WITH_SHARES: usize = 100;

/// Hands out every process's share of one series after the other.
pub(super) struct Shares<'a> {
    holdings: Holdings<'a>,
    diagnosis: Option<&'a Diagnosis>,
    left: usize,
}

impl<'a> Shares<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, diagnosis: Option<&'a Diagnosis>) -> Self {
        Self {
            holdings: snapshot.holdings(),
            diagnosis,
            left: WITH_SHARES,
        }
    }

    /// The shares of `series`; nothing once enough have been handed out.
    pub(super) fn next(&mut self, series: &Series) -> Vec<Part> {
        if self.left == 0 {
            return Vec::new();
        }
        self.left -= 1;
        let served = |pid: &String| match self.diagnosis {
            Some(Diagnosis::Serves { missing, .. }) => Some(!missing.contains(pid)),
            _ => None,
        };
        let part = |share: Share| Part {
            served: served(&share.pid),
            pid: share.pid,
            file: share.file,
            value: go_float(share.value),
        };
        self.holdings.of(series).into_iter().map(part).collect()
    }
}
