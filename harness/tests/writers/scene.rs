//! Writers, an endpoint over HTTP, and the one who reads.

use std::fs;
use std::future;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use counterfoil::check::{Reading, Scraped, compare};
use counterfoil::scrape::{Format, Scraper};
use counterfoil_reference::endpoint;
use counterfoil_reference::mutant::Mutant;
use counterfoil_reference::scrape::Scraper as Exporter;
use libtest_mimic::Failed;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::crew::{Crew, MOST_REPLACEMENTS};
use crate::evidence::Evidence;
use crate::pledges::{Steps, pledges};
use crate::watch::Watch;
use crate::writer::metrics;

const SCRAPE_DEADLINE: Duration = Duration::from_secs(30);

/// Everything of one trial. The crew goes first: it writes to the folder.
pub(crate) struct Scene {
    crew: Crew,
    watch: Watch,
    scraper: Scraper,
    runtime: Runtime,
    folder: TempDir,
}

/// The files, a scrape, the files again; and what the writers had to say before and after.
pub(crate) struct Round {
    pub(crate) done: Steps,
    pub(crate) before: Reading,
    pub(crate) scraped: Scraped,
    pub(crate) after: Reading,
    pub(crate) begun: Steps,
    /// UNIX time at its end, in seconds.
    pub(crate) now: f64,
}

impl Scene {
    pub(crate) fn set(writers: u64, duration: Duration, mutant: Option<Mutant>) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let dir = metrics(folder.path());
        fs::create_dir(&dir)?;
        fs::create_dir(pledges(folder.path()))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/metrics", listener.local_addr()?);
        runtime.spawn(endpoint::serve(
            listener,
            Exporter::new(dir, mutant),
            future::pending(),
        ));
        Ok(Self {
            crew: Crew::start(
                folder.path().to_owned(),
                writers,
                duration.div_f64(MOST_REPLACEMENTS as f64),
            ),
            watch: Watch::new(now()),
            scraper: Scraper::new(&url, SCRAPE_DEADLINE)?,
            runtime,
            folder,
        })
    }

    /// Reads, scrapes, reads again, and judges all three.
    pub(crate) fn round(&mut self) -> Result<(), Failed> {
        if self.crew.is_gone() {
            self.crew.stop()?;
        }
        let round = self.observe()?;
        self.watch.judge(&round)?;
        self.watch.evidence.replacements = self.crew.replaced();
        Ok(())
    }

    pub(crate) fn missing(&self) -> Vec<String> {
        self.watch.evidence.missing()
    }

    /// Ends the writers; then nothing is between the accounts any more, and every step of those that were not killed
    /// has been counted.
    pub(crate) fn come_to_rest(mut self) -> Result<Evidence, Failed> {
        self.crew.stop()?;
        let round = self.observe()?;
        self.watch.judge(&round)?;
        let parsed = round.scraped.parsed.as_ref().ok_or("the scrape cannot be read")?;
        let comparison = compare(&round.after.truth, &parsed.exposition);
        if !comparison.is_clean() {
            return Err(format!("at rest the scrape differs from the files: {comparison:?}").into());
        }
        Ok(self.watch.evidence)
    }

    fn observe(&self) -> Result<Round, Failed> {
        let folder = self.folder.path();
        let format = match self.watch.evidence.scrapes.is_multiple_of(2) {
            true => Format::Text,
            false => Format::OpenMetrics,
        };
        let done = Steps::done(folder);
        let before = read(folder)?;
        let response = self.runtime.block_on(self.scraper.get(format))?;
        let scraped = Scraped::of(response);
        let after = read(folder)?;
        Ok(Round {
            done,
            before,
            scraped,
            after,
            begun: Steps::begun(folder),
            now: now(),
        })
    }
}

fn read(folder: &Path) -> Result<Reading, Failed> {
    Reading::take(&metrics(folder)).map_err(|error| {
        let cause = std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
        Failed::from(format!("the files cannot be read: {error}{cause}"))
    })
}

fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs_f64()
}
