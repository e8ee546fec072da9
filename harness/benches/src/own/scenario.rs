//! What the harness adds to a scenario.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use counterfoil::check::compare;
use counterfoil::run::{MetricsDir, observe};
use counterfoil::scrape::{Format, Scraper};

/// One observation, as a check step makes it: the files, a scrape, the files again, and truth against scrape.
#[derive(Debug, clap::Args)]
pub(crate) struct Observe {
    dir: PathBuf,
    /// Serves the merged text, made beforehand
    url: String,
}

impl Observe {
    pub(super) fn serve(&self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let scraper = Scraper::new(&self.url, Duration::from_secs(60))?;
        let dir = MetricsDir::new(self.dir.clone());
        super::serve(|| runtime.block_on(once(&dir, &scraper)))
    }
}

async fn once(dir: &MetricsDir, scraper: &Scraper) -> anyhow::Result<()> {
    let observation = observe(dir, scraper, Format::Text).await;
    let (before, after) = (observation.before?, observation.after?);
    ensure!(before.snapshot.is_same(&after.snapshot), "the files moved");
    let parsed = observation.scrape?.parsed.context("the status is not 200")?;
    ensure!(parsed.findings.is_empty(), "{}", parsed.findings[0]);
    let comparison = compare(&after.truth, &parsed.exposition);
    ensure!(comparison.is_clean(), "what is served is not what the files hold");
    Ok(())
}
