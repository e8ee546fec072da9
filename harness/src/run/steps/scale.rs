//! The fleet becomes larger or smaller, one worker at a time.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::Stage;
use crate::exporter::{Pid, ScaleSignal};
use crate::fleet::Fleet;
use crate::poll::every;
use crate::run::RunError;
use crate::run::timeline::Moment;

fn signal(of: ScaleSignal) -> Signal {
    match of {
        ScaleSignal::Ttin => Signal::TTIN,
        ScaleSignal::Ttou => Signal::TTOU,
        ScaleSignal::Usr1 => Signal::USR1,
        ScaleSignal::Usr2 => Signal::USR2,
    }
}

impl Stage<'_> {
    /// Asks the supervisor for one worker more or fewer, and waits for it, until there are so many: a signal that comes while
    /// the same one is pending is lost.
    pub(super) async fn scale(&mut self, workers: u32) -> Result<(), RunError> {
        while self.workers != workers {
            self.read_acknowledgements()?;
            let scale = &self.plan.adapter.manifest.scale;
            let (asked, next) = match workers > self.workers {
                true => (scale.up, self.workers + 1),
                false => (scale.down, self.workers - 1),
            };
            let Some(fleet) = &self.fleet else {
                return Err(self.step_failed("there is no fleet".to_owned()));
            };
            let before = fleet.members();
            fleet.signal(fleet.supervisor(), signal(asked));
            let wanted = if next > self.workers {
                before.len() + 1
            } else {
                // Whether it has ended altogether is found out while it is waited for.
                before.len().saturating_sub(1)
            };
            let after = self.until_they_are(wanted, asked.name()).await?;
            let (came, gone) = (&after - &before, &before - &after);
            for pid in &gone {
                self.ledger.departed(*pid);
            }
            self.timeline.record(Moment::Scaled {
                workers: next,
                signal: asked.name(),
                came: came.into_iter().collect(),
                gone: gone.into_iter().collect(),
            })?;
            self.workers = next;
        }
        Ok(())
    }

    /// Waits until the fleet has so many processes: which.
    async fn until_they_are(&mut self, wanted: usize, signal: &str) -> Result<BTreeSet<Pid>, RunError> {
        let deadline = Instant::now() + self.quiesce_deadline();
        let mut tick = every(Duration::from_millis(5));
        loop {
            tick.tick().await;
            self.still_running()?;
            let members = self.fleet.as_ref().map(Fleet::members);
            let members = members.unwrap_or_default();
            if members.len() == wanted {
                return Ok(members);
            }
            if Instant::now() > deadline {
                let (got, within) = (members.len(), self.quiesce_deadline());
                return Err(self.stuck(format!(
                    "{within:?} after {signal} the fleet has {got} processes, where {wanted} were asked for"
                )));
            }
        }
    }
}
