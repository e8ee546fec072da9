//! A worker is killed, and the process that takes its place gets its pid.

use std::collections::BTreeSet;
use std::time::Instant;

use rustix::process::Signal;

use super::Stage;
use super::fault::EFFECT_DEADLINE;
use crate::exporter::Pid;
use crate::fleet::Fleet;
use crate::poll::every;
use crate::run::RunError;
use crate::run::timeline::Moment;
use crate::scenario::Target;

/// So many workers are killed until one has a successor of its pid: a thread that starts meanwhile takes it, too.
const TRIES: u32 = 20;

impl Stage<'_> {
    pub(super) async fn rebear(&mut self) -> Result<(), RunError> {
        for _ in 0..TRIES {
            self.read_acknowledgements()?;
            let victim = self.victim(Target::Worker)?;
            let fleet = self.present()?;
            let (supervisor, before) = (fleet.supervisor(), fleet.members());
            self.timeline.record(Moment::Fault {
                pid: victim,
                signal: "SIGKILL",
                target: Target::Worker.to_string(),
            })?;
            // Who is dead keeps its pid until the supervisor asks for it, which must not be before the next pid is chosen.
            self.present()?.signal(supervisor, Signal::STOP);
            self.until(supervisor, EFFECT_DEADLINE, |fleet| fleet.is_halted(supervisor))
                .await?;
            self.present()?.signal(victim, Signal::KILL);
            self.until(victim, EFFECT_DEADLINE, |fleet| !fleet.lives(victim))
                .await?;
            let chosen = self.present()?.choose_next_pid(victim);
            self.present()?.signal(supervisor, Signal::CONT);
            chosen.map_err(|reason| self.step_failed(format!("the next pid cannot be chosen: {reason}")))?;
            if self.is_reborn(victim, &before).await? {
                self.ledger.reborn(victim);
                return self.timeline.record(Moment::Reborn { pid: victim });
            }
            self.ledger.killed(victim);
        }
        let reason = format!("{TRIES} workers were killed, and others than their successors got their pids");
        Err(self.step_failed(reason))
    }

    fn present(&self) -> Result<&Fleet, RunError> {
        let fleet = self.fleet.as_ref();
        fleet.ok_or_else(|| self.step_failed("there is no fleet".to_owned()))
    }

    /// Waits for whoever takes the place of `victim`, one of `before` that is dead: whether it has its pid.
    async fn is_reborn(&self, victim: Pid, before: &BTreeSet<Pid>) -> Result<bool, RunError> {
        let deadline = Instant::now() + self.quiesce_deadline();
        let mut tick = every(std::time::Duration::from_millis(5));
        loop {
            tick.tick().await;
            let living = self.fleet.as_ref().map(Fleet::members).unwrap_or_default();
            if living.contains(&victim) {
                return Ok(true);
            }
            if !living.is_subset(before) {
                return Ok(false);
            }
            if Instant::now() > deadline {
                return Err(self.stuck(format!("pid {victim} was killed, and is not replaced")));
            }
        }
    }
}
