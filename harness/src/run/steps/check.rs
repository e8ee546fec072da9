//! Observations on the way, and the check step, which makes the last one and judges all.

use std::time::{Duration, Instant};

use super::Stage;
use crate::check::{Accounts, Check, Observation, Reading, Scraped, agrees_with_ledger, serves_the_ledger};
use crate::exporter::FileLayout;
use crate::ledger::LedgerDocument;
use crate::report::CheckReport;
use crate::run::observe::{observe_at_once, observe_at_rest};
use crate::run::timeline::Moment;
use crate::run::{AccountsDocument, RunError, kept};

impl Stage<'_> {
    pub(super) async fn observe(&mut self, count: u32) -> Result<(), RunError> {
        let Some(scraper) = &self.scraper else {
            return Ok(());
        };
        for observation in observe_at_once(&self.metrics_dir, scraper, self.scenario.format, count).await {
            self.keep(&observation, self.observations.len())?;
            self.declared_layout(&observation)?;
            self.observations.push(observation);
        }
        Ok(())
    }

    pub(super) async fn check(&mut self, checks: Vec<Check>) -> Result<(), RunError> {
        self.own_port()?;
        match self.stuck {
            Some(_) => self.read_acknowledgements()?,
            None => self.neighbour_has_worked().await?,
        }
        let Some(scraper) = &self.scraper else {
            return Ok(());
        };
        let (last, unrest) = observe_at_rest(&self.metrics_dir, scraper, self.scenario.format).await;
        self.keep(&last, self.observations.len())?;
        self.declared_layout(&last)?;
        let stored = match &self.prometheus {
            Some(prometheus) => Some(prometheus.stored(self.quiesce_deadline()).await?),
            None => None,
        };
        let living = self.living();
        let now = Instant::now();
        let document = AccountsDocument {
            step: self.step,
            checks: checks.iter().map(|check| check.id().to_owned()).collect(),
            on_the_way: self.observations.len(),
            ledger: LedgerDocument::of(&self.ledger, now),
            stored: stored.clone(),
            living: living.clone(),
            left_over: self.left_over.clone(),
            unrest: unrest.clone(),
            stuck: self.stuck.clone(),
        };
        kept::write_json(&self.dir.join(AccountsDocument::name(self.step)), &document)?;
        let prediction = self.predict_at(now);
        let accounts = Accounts {
            ledger: &self.ledger,
            prediction: &prediction,
            indeterminate_limit: usize::try_from(self.limits().indeterminate_tasks).unwrap_or(usize::MAX),
            last: &last,
            on_the_way: &self.observations,
            scrape_limit: Duration::from_millis(self.limits().scrape_ms),
            names: &self.scenario.names,
            stored: stored.as_ref(),
            living: living.as_ref(),
            left_over: self.left_over.as_ref(),
            unrest: unrest.as_deref(),
            stuck: self.stuck.as_deref(),
        };
        let judged: Vec<CheckReport> = checks
            .into_iter()
            .map(|check| CheckReport::new(check, self.step, check.judge(&accounts)))
            .collect();
        self.checks.extend(judged);
        self.observations.push(last);
        Ok(())
    }

    /// Whether what is judged agrees with the ledger now, so that waiting longer changes nothing: the files, or, where there are
    /// none, what is served. Of a fleet that was ended nothing will be.
    pub(in crate::run) async fn agrees(&self) -> bool {
        if self.has_files() {
            let reading = self
                .metrics_dir
                .read()
                .and_then(|files| Reading::of(files.decoded()));
            return reading.is_ok_and(|reading| agrees_with_ledger(&self.predict(), &reading));
        }
        let Some(scraper) = self.scraper.as_ref().filter(|_| self.fleet.is_some()) else {
            return true;
        };
        let scraped = scraper.get(self.scenario.format).await.map(Scraped::of);
        scraped.is_ok_and(|scraped| serves_the_ledger(&self.predict(), &scraped))
    }

    /// Whether the exporter has metric files.
    pub(in crate::run) fn has_files(&self) -> bool {
        self.plan.adapter.manifest.files.layout != FileLayout::None
    }

    /// What a stranger serves must not be judged. That nobody listens is for the checks to say.
    fn own_port(&self) -> Result<(), RunError> {
        if let Some(fleet) = &self.fleet {
            fleet.listens()?;
        }
        Ok(())
    }

    /// Files of another layout than the manifest's are the adapter's mistake: what they are compared with is not what
    /// its author meant.
    fn declared_layout(&self, observation: &Observation) -> Result<(), RunError> {
        let declared = self.plan.adapter.manifest.files.layout;
        let files = observation
            .after
            .iter()
            .flat_map(|reading| reading.snapshot.files());
        for file in files {
            // A file that holds nothing yet is of any layout, where there may be one.
            let found = match (declared, file.layout.map(FileLayout::Of)) {
                (FileLayout::None, None) => "unknown".to_owned(),
                (_, Some(found)) if found != declared => found.to_string(),
                _ => continue,
            };
            let file = file.name.text.clone();
            return Err(RunError::Layout {
                declared,
                found,
                file,
            });
        }
        Ok(())
    }

    fn keep(&mut self, observation: &Observation, at: usize) -> Result<(), RunError> {
        let folder = format!("scrape-{:03}", at + 1);
        kept::observation(&self.dir.join(&folder), observation, &self.metrics_dir)?;
        let status = observation
            .scrape
            .as_ref()
            .ok()
            .map(|scraped| scraped.response.status);
        self.timeline.record(Moment::Observed { folder, status })
    }
}
