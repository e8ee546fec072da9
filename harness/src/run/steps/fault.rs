//! A fault: a signal to one process of the fleet, and the wait until it is dead.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::time::interval;

use super::Stage;
use crate::exporter::Pid;
use crate::fleet::{FleetError, is_alive};
use crate::run::RunError;
use crate::run::timeline::{Moment, ms};
use crate::scenario::{Fault, SignalName, Target};

/// How long a killed process may take to be gone.
const DEATH_DEADLINE: Duration = Duration::from_secs(5);

impl Stage<'_> {
    pub(super) async fn fault(&mut self, fault: &Fault) -> Result<(), RunError> {
        self.read_acknowledgements()?;
        let victim = self.victim(fault.to)?;
        let signal = match fault.signal {
            SignalName::Kill => Signal::KILL,
            SignalName::Term => Signal::TERM,
        };
        let name = match fault.signal {
            SignalName::Kill => "SIGKILL",
            SignalName::Term => "SIGTERM",
        };
        self.timeline.record(Moment::Fault {
            pid: victim,
            signal: name,
            target: fault.to.to_string(),
        })?;
        let sent = Instant::now();
        if let Some(fleet) = &self.fleet {
            fleet.signal(victim, signal);
        }
        self.ledger.killed(victim);
        let deadline = Instant::now() + DEATH_DEADLINE;
        let mut tick = interval(Duration::from_millis(2));
        while is_alive(victim) {
            tick.tick().await;
            if Instant::now() > deadline {
                return Err(self.step_failed(format!(
                    "pid {victim} outlived {:?} by {DEATH_DEADLINE:?}",
                    fault.signal
                )));
            }
        }
        self.timeline.record(Moment::Death {
            pid: victim,
            after_ms: ms(sent.elapsed()),
        })
    }

    fn victim(&self, target: Target) -> Result<Pid, RunError> {
        let Some(fleet) = &self.fleet else {
            return Err(self.step_failed("there is no fleet".to_owned()));
        };
        let owner = fleet.port_owner();
        if target == Target::PortOwner {
            return Ok(owner?);
        }
        let owner = owner.ok();
        let workers = self
            .ledger
            .shares(0)
            .into_keys()
            .filter(|pid| is_alive(*pid) && Some(*pid) != owner);
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
