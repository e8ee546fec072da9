//! One observation: the files, a scrape, the files again.

use std::path::Path;

use crate::check::{Observation, Reading, Scraped};
use crate::scrape::{Format, Scraper};

/// How often an observation at rest is repeated because the files moved during it.
const ATTEMPTS: u32 = 5;

pub(super) async fn observe(dir: &Path, scraper: &Scraper, format: Format) -> Observation {
    let before = Reading::take(dir);
    let scrape = scraper.get(format).await.map(Scraped::of);
    let after = match &before {
        Ok(before) => before.take_again(dir),
        Err(_) => Reading::take(dir),
    };
    Observation {
        before,
        scrape,
        after,
    }
}

/// An observation during which no file moved, if there is one.
pub(super) async fn observe_at_rest(
    dir: &Path,
    scraper: &Scraper,
    format: Format,
) -> (Observation, Option<String>) {
    let mut observation = observe(dir, scraper, format).await;
    for _ in 1..ATTEMPTS {
        if moved(&observation).is_none() {
            break;
        }
        observation = observe(dir, scraper, format).await;
    }
    let unrest = moved(&observation);
    (observation, unrest)
}

fn moved(observation: &Observation) -> Option<String> {
    match (&observation.before, &observation.after) {
        (Ok(before), Ok(after)) if !before.snapshot.is_same(&after.snapshot) => {
            Some(format!("they changed during each of {ATTEMPTS} scrapes"))
        }
        _ => None,
    }
}
