//! One observation: the files, a scrape, the files again.

use std::path::Path;

use crate::check::{Observation, Reading, Scraped};
use crate::scrape::{Format, Scraper};
use crate::truth::Snapshot;

/// How often an observation at rest is repeated because the files moved during it.
const ATTEMPTS: u32 = 5;

/// Reads the files, scrapes, and reads them again. The first reading is merged while the scrape is under way.
pub async fn observe(dir: &Path, scraper: &Scraper, format: Format) -> Observation {
    let files = Snapshot::read(dir);
    let first = files.as_ref().ok().cloned();
    let merging = tokio::task::spawn_blocking(|| files.and_then(Reading::of));
    let scrape = scraper.get(format).await.map(Scraped::of);
    let files = match &first {
        Some(first) => first.read_again(dir),
        None => Snapshot::read(dir),
    };
    let before = merging
        .await
        .expect("nobody aborts it, and a merge does not panic");
    let after = match &before {
        Ok(before) => files.and_then(|files| before.later(files)),
        Err(_) => files.and_then(Reading::of),
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
