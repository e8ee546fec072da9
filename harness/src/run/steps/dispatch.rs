//! Dispatch: tasks go out in rounds until enough processes have acknowledged some.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use toml::Spanned;

use super::Stage;
use crate::poll::every;
use crate::run::RunError;
use crate::scenario::{Claim, Dispatch};
use crate::task::Task;

/// How many rounds of the same tasks go out at most to reach enough processes.
const DISPATCH_ROUNDS: u32 = 200;

impl Stage<'_> {
    pub(super) async fn dispatch(&mut self, dispatch: &Dispatch) -> Result<(), RunError> {
        let since = self.lengths();
        let deadline = Instant::now() + self.quiesce_deadline();
        let wanted = usize::try_from(dispatch.min_pids).unwrap_or(usize::MAX);
        for _ in 0..DISPATCH_ROUNDS {
            let tasks = self.round(&dispatch.tasks);
            self.ledger.dispatch(tasks.iter().cloned());
            self.supply.queue.push(&tasks).await?;
            if let Some(neighbour) = &mut self.neighbour {
                neighbour.dispatch(&tasks).await?;
            }
            if dispatch.min_pids == 0 || self.enough_processes(wanted, &since, deadline).await? {
                return Ok(());
            }
            if Instant::now() > deadline {
                break;
            }
        }
        Err(self.stuck(match &self.shares_since(&since)[..] {
            [shares] => format!(
                "{wanted} processes were to acknowledge tasks, {} did: {shares:?}",
                shares.len()
            ),
            of_pods => {
                format!("{wanted} processes of each pod were to acknowledge tasks, these did: {of_pods:?}")
            }
        }))
    }

    /// Tasks for the ledger alone.
    pub(super) fn claim(&mut self, claim: &Claim) {
        let tasks = self.round(&claim.tasks);
        self.ledger.claim(tasks);
    }

    /// The tasks of one round, in an order that the seed decides.
    fn round(&mut self, counts: &BTreeMap<String, Spanned<u32>>) -> Vec<Task> {
        let mut random = fastrand::Rng::with_seed(self.settings.seed ^ self.dispatched as u64);
        let mut tasks = Vec::new();
        for (name, count) in counts {
            let Some(spec) = self.scenario.task(name) else {
                continue;
            };
            for _ in 0..*count.get_ref() {
                self.dispatched += 1;
                tasks.push(Task::expand(
                    format!("{}#{}", self.scenario.id, self.dispatched),
                    spec,
                ));
            }
        }
        random.shuffle(&mut tasks);
        tasks
    }

    /// Waits until the round is worked off, but for what may be lost, or enough living processes have acknowledged tasks of
    /// this step.
    async fn enough_processes(
        &mut self,
        wanted: usize,
        since: &[usize],
        deadline: Instant,
    ) -> Result<bool, RunError> {
        let mut tick = every(Duration::from_millis(5));
        let (mut acknowledged, mut at) = (self.ledger.acknowledged(), Instant::now());
        loop {
            tick.tick().await;
            self.still_running()?;
            self.read_acknowledgements()?;
            if self.has_working(wanted, since) {
                return Ok(true);
            }
            if self.ledger.open() == 0 || Instant::now() > deadline {
                return Ok(false);
            }
            if self.ledger.acknowledged() > acknowledged {
                (acknowledged, at) = (self.ledger.acknowledged(), Instant::now());
            }
            // Tasks that are lost stay open, and must not keep the next round from going out.
            if self.has_lost_tasks_after(at.elapsed()) && self.queued().await? == 0 {
                return Ok(false);
            }
        }
    }
}
