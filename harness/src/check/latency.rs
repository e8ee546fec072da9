//! `scrape/latency`: no scrape takes longer than a scraper should have to wait.

use std::time::Duration;

use super::{Accounts, Finding, Outcome, Side};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let limit = accounts.scrape_limit;
    let mut exercised = 0;
    let mut slowest = (Duration::ZERO, 0);
    for (at, observation) in accounts.observations().enumerate() {
        let took = match &observation.scrape {
            Ok(scraped) => scraped.response.elapsed,
            Err(error) => match error.gave_up_after_ms() {
                Some(waited_ms) => {
                    return fail(format!("scrape {} was given up after {waited_ms} ms", at + 1));
                }
                // That there was no answer is for `scrape/available` to say.
                None => continue,
            },
        };
        exercised += 1;
        slowest = slowest.max((took, at));
    }
    if exercised == 0 {
        return Outcome::Inconclusive {
            reason: "no scrape was answered".to_owned(),
        };
    }
    let (took, at) = slowest;
    if took <= limit {
        return Outcome::Pass { exercised };
    }
    let (at, took, limit) = (at + 1, took.as_millis(), limit.as_millis());
    fail(format!(
        "scrape {at}, the slowest of {exercised}, took {took} ms; it may take {limit} ms"
    ))
}

fn fail(summary: String) -> Outcome {
    Outcome::Fail(Box::new(Finding::plain(Side::Server, summary)))
}
