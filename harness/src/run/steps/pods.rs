//! Several pods: fleets that take tasks from one queue, each with a metrics directory, an endpoint and a ledger of its own.
//!
//! The first pod's ledger has every task, and hands over what another pod acknowledges. So each pod must hold and serve what
//! its own workers did, and all of them together what was asked for.

use std::collections::BTreeMap;

use super::Stage;
use crate::check::Check;
use crate::exporter::{Outcome, Pid};
use crate::report::CheckReport;
use crate::run::{RunError, kept};
use crate::scenario::ScrapeStep;

/// The folder of a pod but the first, in the scenario's.
pub(crate) fn pod_folder(pod: u32) -> String {
    format!("pod-{pod}")
}

impl<'a> Stage<'a> {
    /// Takes one more pod in.
    pub(in crate::run) fn join(&mut self, mut sibling: Stage<'a>, pod: u32) {
        sibling.pod = pod;
        self.siblings.push(sibling);
    }

    /// Starts the other pods.
    pub(in crate::run) async fn start_siblings(&mut self) -> Result<(), RunError> {
        for sibling in &mut self.siblings {
            sibling.start().await?;
        }
        Ok(())
    }

    /// Reads what the other pods acknowledged since the last time.
    pub(super) fn read_siblings(&mut self) -> Result<(), RunError> {
        for sibling in &mut self.siblings {
            sibling.still_running()?;
            for ack in sibling.acks.read_new()? {
                if ack.outcome == Outcome::Refused {
                    return Err(RunError::refused(ack));
                }
                let Some(entry) = self.ledger.hand_over(&ack.task) else {
                    return Err(RunError::unasked(ack));
                };
                sibling.ledger.take_over(entry);
                sibling.ledger.acknowledge(ack).map_err(RunError::unasked)?;
            }
        }
        Ok(())
    }

    /// It and its siblings.
    fn pods(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.siblings)
    }

    /// How many tasks each pod's ledger has.
    pub(super) fn lengths(&self) -> Vec<usize> {
        self.pods().map(|pod| pod.ledger.entries().len()).collect()
    }

    /// How many tasks each process of each pod has acknowledged since its ledger had the length in `since`.
    pub(super) fn shares_since(&self, since: &[usize]) -> Vec<BTreeMap<Pid, usize>> {
        let pods = self.pods().zip(since);
        pods.map(|(pod, from)| pod.ledger.shares(*from)).collect()
    }

    /// Whether in each pod so many living processes have acknowledged tasks since its ledger had the length in `since`.
    pub(super) fn has_working(&self, wanted: usize, since: &[usize]) -> bool {
        self.pods().zip(self.shares_since(since)).all(|(pod, shares)| {
            // Who lives takes long to find out, and is asked again and again.
            shares.len() >= wanted && {
                let living = pod.living().unwrap_or_default();
                shares.keys().filter(|pid| living.contains(pid)).count() >= wanted
            }
        })
    }

    /// The tasks that each process acknowledged; those of different pods may have the same pid.
    pub(in crate::run) fn tasks_by_pid(&self) -> BTreeMap<Pid, usize> {
        let mut tasks = BTreeMap::new();
        for pod in self.pods() {
            for (pid, count) in pod.ledger.shares(0) {
                *tasks.entry(pid).or_default() += count;
            }
        }
        tasks
    }

    /// Waits for quiet: of the first pod until every task is accounted for, and then of the others.
    pub(super) async fn all_quiesce(&mut self) -> Result<(), RunError> {
        self.quiesce().await?;
        for sibling in &mut self.siblings {
            sibling.step = self.step;
            sibling.quiesce().await?;
        }
        Ok(())
    }

    pub(super) async fn scrape_all(&mut self, scrape: &ScrapeStep) -> Result<(), RunError> {
        let mut beside = Vec::new();
        for pod in self.pods().filter(|_| scrape.slow > 0) {
            if let Some(scraper) = &pod.scraper {
                beside.push(scraper.slowly(scrape.slow).await);
            }
        }
        let mut left = scrape.count;
        while left > 0 {
            let count = left.min(scrape.at_once);
            self.observe(count).await?;
            for sibling in &mut self.siblings {
                sibling.observe(count).await?;
            }
            left -= count;
        }
        Ok(())
    }

    /// Has each pod judged by its own accounts.
    pub(super) async fn check_all(&mut self, checks: Vec<Check>) -> Result<(), RunError> {
        self.check(checks.clone()).await?;
        for sibling in &mut self.siblings {
            sibling.step = self.step;
            kept::plan(
                &sibling.plan.dir,
                sibling.settings.seed,
                &sibling.ledger,
                sibling.timeline.start(),
            )?;
            sibling.check(checks.clone()).await?;
        }
        Ok(())
    }

    /// What was found in the other pods.
    pub(super) async fn close_siblings(&mut self) -> Vec<CheckReport> {
        let mut found = Vec::new();
        for sibling in std::mem::take(&mut self.siblings) {
            sibling.supply.close().await;
            let pod = sibling.pod;
            found.extend(sibling.checks.into_iter().map(|check| check.of_pod(pod)));
        }
        found
    }
}
