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
/// How many of them are as the scenario has them.
const PLAIN_ROUNDS: u32 = 5;
/// How many tasks a round may grow to after those.
const GROWN_TASKS: u32 = 200;

impl Stage<'_> {
    pub(super) async fn dispatch(&mut self, dispatch: &Dispatch) -> Result<(), RunError> {
        let since = self.lengths();
        let deadline = Instant::now() + self.quiesce_deadline();
        let wanted = usize::try_from(dispatch.min_pids).unwrap_or(usize::MAX);
        for round in 0..DISPATCH_ROUNDS {
            let tasks = self.round(&dispatch.tasks, growth(&dispatch.tasks, round));
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
        let tasks = self.round(&claim.tasks, 1);
        self.ledger.claim(tasks);
    }

    /// The tasks of one round, `times` what is counted, in an order that the seed decides.
    fn round(&mut self, counts: &BTreeMap<String, Spanned<u32>>, times: u32) -> Vec<Task> {
        let mut random = fastrand::Rng::with_seed(self.settings.seed ^ self.dispatched as u64);
        let mut tasks = Vec::new();
        for (name, count) in counts {
            let Some(spec) = self.scenario.task(name) else {
                continue;
            };
            for _ in 0..count.get_ref().saturating_mul(times) {
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

/// How many times its tasks a round has: a worker that takes several at once, and looks when the others do, leaves them none of
/// a few, however often.
fn growth(counts: &BTreeMap<String, Spanned<u32>>, round: u32) -> u32 {
    let counts = counts.values().map(|count| *count.get_ref());
    let tasks = counts.fold(0, u32::saturating_add);
    let doublings = (round + 1).saturating_sub(PLAIN_ROUNDS).min(GROWN_TASKS.ilog2());
    (1 << doublings).min((GROWN_TASKS / tasks.max(1)).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_worker_takes_each_time_grows() {
        let growths = |tasks: u32| {
            let counts = BTreeMap::from([("mail".to_owned(), Spanned::new(0..1, tasks))]);
            [0, 4, 5, 6, 7, 8, 199].map(|round| growth(&counts, round))
        };
        assert_eq!(growths(4), [1, 1, 2, 4, 8, 16, 50]);
        assert_eq!(growths(150), [1; 7]);
        assert_eq!(growths(1000), [1; 7]);
    }
}
