//! A signal to one process of the fleet, and the wait until it has had its effect.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::Stage;
use crate::exporter::Pid;
use crate::fleet::{Fleet, FleetError};
use crate::poll::every;
use crate::run::RunError;
use crate::run::timeline::{Moment, ms};
use crate::scenario::{SignalName, Target};

/// How long a signal may take to have its effect; but a process that is asked to end may take what its manifest gives the
/// whole fleet for that.
pub(super) const EFFECT_DEADLINE: Duration = Duration::from_secs(5);

impl Stage<'_> {
    pub(super) async fn signal(&mut self, sent: SignalName, to: Target) -> Result<(), RunError> {
        self.read_acknowledgements()?;
        let victim = self.victim(to)?;
        let (signal, name) = match sent {
            SignalName::Kill => (Signal::KILL, "SIGKILL"),
            SignalName::Term => (Signal::TERM, "SIGTERM"),
            SignalName::Stop => (Signal::STOP, "SIGSTOP"),
            SignalName::Cont => (Signal::CONT, "SIGCONT"),
        };
        self.timeline.record(Moment::Fault {
            pid: victim,
            signal: name,
            target: to.to_string(),
        })?;
        let since = Instant::now();
        if let Some(fleet) = &self.fleet {
            fleet.signal(victim, signal);
        }
        let grace = Duration::from_millis(self.plan.adapter.manifest.workers.stop_deadline_ms);
        let within = match sent {
            SignalName::Term => grace.max(EFFECT_DEADLINE),
            _ => EFFECT_DEADLINE,
        };
        match sent {
            SignalName::Kill | SignalName::Term => {
                self.ledger.killed(victim);
                self.until(victim, within, |fleet| !fleet.lives(victim)).await?;
                self.timeline.record(Moment::Death {
                    pid: victim,
                    after_ms: ms(since.elapsed()),
                })
            }
            SignalName::Stop => {
                self.halted = Some(victim);
                self.until(victim, within, |fleet| fleet.is_halted(victim)).await
            }
            SignalName::Cont => {
                self.halted = None;
                self.until(victim, within, |fleet| !fleet.is_halted(victim)).await
            }
        }
    }

    /// Waits until a signal has had its effect on a process.
    pub(super) async fn until(
        &self,
        pid: Pid,
        within: Duration,
        is_so: impl Fn(&Fleet) -> bool,
    ) -> Result<(), RunError> {
        let deadline = Instant::now() + within;
        let mut tick = every(Duration::from_millis(2));
        while !self.fleet.as_ref().is_none_or(&is_so) {
            tick.tick().await;
            if Instant::now() > deadline {
                let reason = format!("the signal had no effect on pid {pid} within {within:?}");
                return Err(self.step_failed(reason));
            }
        }
        Ok(())
    }

    pub(super) fn victim(&self, target: Target) -> Result<Pid, RunError> {
        let Some(fleet) = &self.fleet else {
            return Err(self.step_failed("there is no fleet".to_owned()));
        };
        if let Some(halted) = self.halted.filter(|_| target == Target::Halted) {
            return Ok(halted);
        }
        let owner = fleet.port_owner();
        if target == Target::PortOwner {
            return Ok(owner?);
        }
        let owner = owner.ok();
        // By its pid alone a worker that has ended cannot be told from a stranger that has its pid now.
        let living = self.living().unwrap_or_default();
        let workers = self
            .ledger
            .shares(0)
            .into_keys()
            .filter(|pid| living.contains(pid) && Some(*pid) != owner);
        workers.max().ok_or_else(|| {
            let reason = "no living process but the port's owner has acknowledged a task".to_owned();
            FleetError::NoTarget {
                target: target.to_string(),
                reason,
            }
            .into()
        })
    }
}
