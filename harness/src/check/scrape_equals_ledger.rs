//! `scrape/equals-ledger`: what is served is what was asked of the workers.
//!
//! Of an exporter without files it is all that can be told, so it blames neither the writer nor the server. HELP and TYPE are
//! in no ledger, nor is when a series was created.

use super::against::{Account, Comparison, Sample, compare, untold};
use super::{Accounts, Finding, Outcome, Scraped, Side};
use crate::exposition::Exposition;
use crate::ledger::Prediction;

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let inconclusive = |reason: String| Outcome::Inconclusive { reason };
    let fail = |summary: String| Outcome::Fail(Box::new(Finding::plain(Side::Server, summary)));
    let scraped = match &accounts.last.scrape {
        Ok(scraped) => scraped,
        Err(error) => return fail(format!("nothing is served: {error}")),
    };
    let Some(parsed) = &scraped.parsed else {
        let unreadable = scraped.response.unreadable().unwrap_or_default();
        return fail(format!("no exposition is served, but {unreadable}"));
    };
    if let Some(reason) = untold(accounts) {
        return inconclusive(reason);
    }
    if let Some(unrest) = accounts.unrest {
        return inconclusive(format!("the files did not rest: {unrest}"));
    }
    let account = account(accounts.prediction, &parsed.exposition);
    let comparison = compare(accounts.prediction, &account);
    if comparison.differing.is_empty() {
        return Outcome::Pass {
            exercised: comparison.compared,
        };
    }
    Outcome::Fail(Box::new(Finding {
        summary: summary(&comparison),
        side: Side::Exporter,
        differences: comparison.differences("scrape", |_| Vec::new()),
        notes: Vec::new(),
    }))
}

/// Whether what is served is what the ledger predicts, so that waiting longer changes nothing.
pub fn agrees(prediction: &Prediction, scraped: &Scraped) -> bool {
    scraped.parsed.as_ref().is_some_and(|parsed| {
        compare(prediction, &account(prediction, &parsed.exposition))
            .differing
            .is_empty()
    })
}

fn account<'a>(prediction: &Prediction, served: &'a Exposition) -> Account<'a> {
    let samples = served.families.iter().flat_map(|family| {
        let is_asked = prediction.families.contains(family.family_name());
        family.samples.iter().map(move |sample| {
            let series = &sample.series;
            let is_asked = is_asked && !series.sample.ends_with("_created");
            (series, Sample::number(sample.value, is_asked))
        })
    });
    samples.collect()
}

fn summary(comparison: &Comparison<'_>) -> String {
    format!(
        "what is served is not what was asked of the workers: of {} series, {}",
        comparison.compared,
        comparison.counted()
    )
}
