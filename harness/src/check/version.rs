//! `scrape/version`: what is served is of the version of its format that was asked for.

use super::{Accounts, Finding, Outcome, Side};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let mut exercised = 0;
    for (at, observation) in accounts.observations().enumerate() {
        // That there is no answer, or one in another format, is for `scrape/available` to say.
        let Ok(scraped) = &observation.scrape else {
            continue;
        };
        let response = &scraped.response;
        let (format, content_type) = (response.format, &response.content_type);
        if response.unreadable().is_some() || !format.is_served_as(content_type) {
            continue;
        }
        if !format.is_of_its_version(content_type) {
            let summary = format!("scrape {} is of another version: {content_type:?}", at + 1);
            return Outcome::Fail(Box::new(Finding::plain(Side::Server, summary)));
        }
        exercised += 1;
    }
    if exercised == 0 {
        return Outcome::Inconclusive {
            reason: "nothing is served in the format that was asked for".to_owned(),
        };
    }
    Outcome::Pass { exercised }
}
