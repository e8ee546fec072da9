//! One observation: the files, a scrape, the files again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::{Observation, Reading, Scraped};
use crate::scrape::{Format, Scraper};
use crate::truth::{RawSnapshot, TruthError};

/// How often an observation at rest is repeated because the files moved during it.
const ATTEMPTS: u32 = 5;

/// The metrics directory of a fleet, without what steps have planted there.
#[derive(Clone, Debug)]
pub struct MetricsDir {
    path: PathBuf,
    planted: Arc<BTreeSet<String>>,
}

impl MetricsDir {
    /// A directory in which nothing is planted.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            planted: Arc::default(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From now on a file of that name is none of the workers'.
    pub fn plant(&mut self, file: &str) {
        Arc::make_mut(&mut self.planted).insert(file.to_owned());
    }

    /// Reads the workers' files.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn read(&self) -> Result<RawSnapshot, TruthError> {
        RawSnapshot::read_without(&self.path, &self.planted)
    }
}

/// Reads the files, scrapes, and at once reads them again. What was read first is decoded and merged meanwhile; what was
/// served is parsed last, so that no writer has that long.
pub async fn observe(dir: &MetricsDir, scraper: &Scraper, format: Format) -> Observation {
    let reading =
        |files: Result<RawSnapshot, TruthError>| files.and_then(|files| Reading::of(files.decoded()));
    let first = dir.read();
    let files = first.as_ref().ok().cloned();
    let merging = tokio::task::spawn_blocking(move || reading(first));
    let scrape = scraper.get(format).await;
    let later = match files {
        Some(files) => files.read_again(dir.path()),
        None => dir.read(),
    };
    let scrape = scrape.map(Scraped::of);
    let before = merging
        .await
        .expect("nobody aborts it, and a merge does not panic");
    let after = match &before {
        Ok(before) => later.and_then(|files| before.later(files)),
        Err(_) => reading(later),
    };
    Observation {
        before,
        scrape,
        after,
    }
}

/// Several observations at once, in the order in which they were begun.
pub(super) async fn observe_at_once(
    dir: &MetricsDir,
    scraper: &Scraper,
    format: Format,
    count: u32,
) -> Vec<Observation> {
    let begin = |_| {
        let (dir, scraper) = (dir.clone(), scraper.clone());
        tokio::spawn(async move { observe(&dir, &scraper, format).await })
    };
    let begun: Vec<_> = (0..count).map(begin).collect();
    let mut observations = Vec::new();
    for observation in begun {
        observations.push(
            observation
                .await
                .expect("nobody aborts it, and it does not panic"),
        );
    }
    observations
}

/// An observation during which no file moved, if there is one.
pub(super) async fn observe_at_rest(
    dir: &MetricsDir,
    scraper: &Scraper,
    format: Format,
) -> (Observation, Option<String>) {
    let mut observation = observe(dir, scraper, format).await;
    for _ in 1..ATTEMPTS {
        if is_at_rest(&observation) {
            break;
        }
        observation = observe(dir, scraper, format).await;
    }
    let unrest = moved(&observation);
    (observation, unrest)
}

/// Whether the files can be read, and are the same before and after. A process that has just begun makes its file, and only then
/// gives it a length: what cannot be read may be one of these.
fn is_at_rest(observation: &Observation) -> bool {
    observation.before.is_ok() && observation.after.is_ok() && moved(observation).is_none()
}

fn moved(observation: &Observation) -> Option<String> {
    match (&observation.before, &observation.after) {
        (Ok(before), Ok(after)) if !before.snapshot.is_same(&after.snapshot) => {
            Some(format!("they changed during each of {ATTEMPTS} scrapes"))
        }
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => Some(format!(
            "they could be read only before or only after the last of {ATTEMPTS} scrapes"
        )),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn while_a_file_is_being_made_there_is_no_rest_and_one_that_stays_unreadable_did_not_move() {
        let folder = tempfile::tempdir().unwrap();
        let dir = MetricsDir::new(folder.path().to_path_buf());
        let nobody = Scraper::new("http://127.0.0.1:1/metrics", Duration::from_secs(1)).unwrap();
        let read = async || observe(&dir, &nobody, Format::Text).await;
        let (sound, later) = (read().await, read().await);
        assert!(is_at_rest(&sound));
        fs::write(folder.path().join("counter_7.db"), "").unwrap();
        let (empty, still) = (read().await, read().await);
        assert!(empty.before.is_err() && !is_at_rest(&empty) && moved(&empty).is_none());
        for (before, after) in [(empty.before, sound.after), (later.before, still.after)] {
            let scrape = nobody.get(Format::Text).await.map(Scraped::of);
            let between = Observation {
                before,
                scrape,
                after,
            };
            assert!(
                !is_at_rest(&between) && moved(&between).is_some_and(|unrest| unrest.contains("only before"))
            );
        }
    }
}
