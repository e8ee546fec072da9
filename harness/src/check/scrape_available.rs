//! `scrape/available`: every scrape is answered with 200, in the format that was asked for.

use super::{Accounts, Finding, Outcome, Side};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let mut exercised = 0;
    for (at, observation) in accounts.observations().enumerate() {
        let scraped = match &observation.scrape {
            Ok(scraped) => &scraped.response,
            Err(error) => return fail(at, &error.to_string()),
        };
        if let Some(unreadable) = scraped.unreadable() {
            // With another status the body may say why; of protobuf nobody could read it.
            let body = match scraped.status {
                200 => String::new(),
                _ => format!(": {:?}", excerpt(&scraped.body)),
            };
            return fail(at, &format!("it is answered with {unreadable}{body}"));
        }
        if !scraped.format.is_served_as(&scraped.content_type) {
            return fail(at, &format!("its content type is {:?}", scraped.content_type));
        }
        exercised += 1;
    }
    Outcome::Pass { exercised }
}

fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned()
}

fn fail(at: usize, what: &str) -> Outcome {
    Outcome::Fail(Box::new(Finding::plain(
        Side::Server,
        format!("scrape {} failed: {what}", at + 1),
    )))
}
