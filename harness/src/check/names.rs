//! `scrape/names`: a scrape of chosen names serves these, all of them, and nothing else (M15).

use super::equals_truth::finding;
use super::{Accounts, Comparison, Finding, Outcome, Reading, Side, compare};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let inconclusive = |reason: String| Outcome::Inconclusive { reason };
    let (reading, scraped) = match (&accounts.last.after, &accounts.last.scrape) {
        (Ok(reading), Ok(scraped)) => (reading, scraped),
        (Err(error), _) => return inconclusive(format!("the files cannot be read: {error}")),
        (_, Err(error)) => return fail(format!("nothing is served: {error}")),
    };
    let Some(parsed) = &scraped.parsed else {
        let unreadable = scraped.response.unreadable().unwrap_or_default();
        return fail(format!("no exposition is served, but {unreadable}"));
    };
    if let Some(unrest) = accounts.unrest {
        return inconclusive(format!("the files did not rest: {unrest}"));
    }
    let chosen = Reading {
        snapshot: reading.snapshot.clone(),
        truth: reading.truth.restricted(accounts.names).into(),
    };
    let comparison = compare(&chosen.truth, &parsed.exposition);
    if comparison.is_clean() {
        return Outcome::Pass {
            exercised: comparison.compared,
        };
    }
    Outcome::Fail(Box::new(Finding {
        summary: summary(accounts.names, &comparison),
        // What else is served is in the files all the same.
        notes: Vec::new(),
        ..finding(&chosen, &parsed.exposition, comparison)
    }))
}

fn summary(names: &[String], comparison: &Comparison) -> String {
    let counts = [
        (
            comparison.extra.len() + comparison.foreign.len(),
            "served beside them",
        ),
        (comparison.missing.len(), "missing"),
        (comparison.different.len(), "served with another value"),
    ];
    let found = counts.iter().filter(|(count, _)| *count > 0);
    let found: Vec<String> = found
        .map(|(count, what)| format!("{count} series {what}"))
        .collect();
    let names = names.join(", ");
    match comparison.families.first().filter(|_| found.is_empty()) {
        Some(problem) => format!("asked for {names}: {} {}", problem.family, problem.message),
        None => format!("asked for {names}: {}", found.join(", ")),
    }
}

fn fail(summary: String) -> Outcome {
    Outcome::Fail(Box::new(Finding::plain(Side::Server, summary)))
}
