//! Quiet: the queue is empty, every task is accounted for, the files rest.
//!
//! An acknowledgement leaves a worker before the exporter's own hooks have run, so files that rest but
//! disagree with the ledger are read again until a deadline; only then are they judged as they are. Where there are no files,
//! the endpoint is scraped in their place.

use std::time::Duration;

use tokio::time::Instant;

use super::RunError;
use super::steps::Stage;
use super::timeline::Quiet;
use crate::poll::every;

/// After a death, or harm to the network, how long nothing may move before tasks are given up that were lost with it, on
/// top of the longest sleep.
const SILENCE_AFTER_A_LOSS: Duration = Duration::from_millis(500);

/// Between two scrapes of an endpoint that does not agree with the ledger yet: files are cheaper to read.
const BETWEEN_SCRAPES: Duration = Duration::from_millis(100);

/// The files as they were when they last moved.
struct Rest {
    fingerprint: Option<u64>,
    acknowledged: usize,
    since: Instant,
    reads: u32,
    /// When whatever is judged may next be held against the ledger.
    next_look: Instant,
}

impl Stage<'_> {
    /// Waits for quiet. Not to reach it is an error only where the scenario can then not be judged at all;
    /// tasks that stay open, and files that disagree, are the checks' business.
    pub(super) async fn quiesce(&mut self) -> Result<(), RunError> {
        let started = std::time::Instant::now();
        let limits = self.limits().clone();
        let deadline = Instant::now() + Duration::from_millis(limits.quiesce_deadline_ms);
        let patience = Duration::from_millis(limits.disagreement_deadline_ms);
        let mut tick = every(Duration::from_millis(limits.rest_interval_ms.max(1)));
        let mut rest = Rest {
            fingerprint: None,
            acknowledged: 0,
            since: Instant::now(),
            reads: 0,
            next_look: Instant::now(),
        };
        loop {
            tick.tick().await;
            self.still_running()?;
            self.read_acknowledgements()?;
            let queued = self.queued().await?;
            self.look(&mut rest);
            let late = Instant::now() > deadline;
            if queued == 0 && rest.reads >= limits.rest_reads {
                let silence = rest.since.elapsed();
                if self.ledger().open() > 0 && self.has_lost_tasks_after(silence) {
                    self.give_up_open_tasks();
                }
                let agree = self.ledger().open() == 0 && self.agrees_by_now(&mut rest).await;
                if self.ledger().open() == 0 && (agree || silence > patience) {
                    self.settle();
                    return self.rested(if agree { Quiet::Agreed } else { Quiet::Disagreed }, started);
                }
            }
            if late && queued > 0 {
                let reason = format!(
                    "{queued} tasks were still queued after {} ms",
                    limits.quiesce_deadline_ms
                );
                return Err(self.stuck(reason));
            }
            if late {
                return self.rested(Quiet::Deadline, started);
            }
        }
    }

    /// Whether tasks that are neither queued nor acknowledged after so long a silence are lost.
    pub(super) fn has_lost_tasks_after(&self, silence: Duration) -> bool {
        // The first question is cheap, and asked every few milliseconds.
        silence > SILENCE_AFTER_A_LOSS
            && self.may_have_lost_tasks()
            && silence > SILENCE_AFTER_A_LOSS + self.longest_sleep()
    }

    fn look(&self, rest: &mut Rest) {
        // A directory that cannot be read is at rest in its own way; the checks will say so.
        let fingerprint = self.metrics_dir().read().ok().map(|files| files.fingerprint());
        let acknowledged = self.ledger().acknowledged();
        if rest.fingerprint == fingerprint && rest.acknowledged == acknowledged && rest.reads > 0 {
            rest.reads += 1;
        } else {
            *rest = Rest {
                fingerprint,
                acknowledged,
                since: Instant::now(),
                reads: 1,
                next_look: rest.next_look,
            };
        }
    }

    async fn agrees_by_now(&self, rest: &mut Rest) -> bool {
        if Instant::now() < rest.next_look {
            return false;
        }
        let agrees = self.agrees().await;
        if !self.has_files() {
            rest.next_look = Instant::now() + BETWEEN_SCRAPES;
        }
        agrees
    }
}
