//! Harm to the broker, to the network between it and the fleet, or to the directory of the metric files, and its end.

use std::time::Duration;

use tokio::time::sleep;

use super::Stage;
use crate::fleet::{Disk, DiskState};
use crate::ledger::Ack;
use crate::run::RunError;
use crate::run::timeline::Moment;
use crate::scenario::{BrokerFault, DirectoryFault, NetworkFault};

impl Stage<'_> {
    pub(super) async fn harm_network(&mut self, harm: NetworkFault, lasts_ms: u64) -> Result<(), RunError> {
        self.read_acknowledgements()?;
        let Some(network) = &mut self.supply.network else {
            return Err(self.step_failed("the fleet has no network of its own".to_owned()));
        };
        network.suffer(harm).await?;
        self.lossy |= harm.may_lose_tasks();
        self.timeline.record(Moment::Network { harm })?;
        // Sleeps, bounded by the fault's own length, which the scenario declares.
        sleep(Duration::from_millis(lasts_ms)).await;
        Ok(())
    }

    pub(super) async fn harm_broker(&mut self, harm: BrokerFault, lasts_ms: u64) -> Result<(), RunError> {
        self.read_acknowledgements()?;
        let lasts = Duration::from_millis(lasts_ms);
        let Some(broker) = &mut self.supply.broker else {
            return Err(self.step_failed("the scenario has no broker of its own".to_owned()));
        };
        self.lossy = true;
        broker.suffer(harm, lasts).await?;
        self.timeline.record(Moment::Broker { harm })?;
        match harm {
            // The suite's own connection has ended with all others.
            BrokerFault::Restart | BrokerFault::KillConnections => self.supply.queue.reconnect().await?,
            // Sleeps, bounded by the fault's own length, which the scenario declares.
            BrokerFault::Pause => sleep(lasts).await,
            BrokerFault::Resume => {}
        }
        Ok(())
    }

    pub(super) fn harm_directory(&mut self, harm: DirectoryFault) -> Result<(), RunError> {
        // Whatever was refused until now was refused in the state that is about to end.
        self.read_acknowledgements()?;
        let Some(disk) = &mut self.disk else {
            return Err(self.step_failed("the metrics directory has no file system of its own".to_owned()));
        };
        disk.suffer(harm)?;
        self.timeline.record(Moment::Directory { harm })
    }

    /// A worker that cannot record a task refuses it, and nothing of it counts. That is its right as long as the directory
    /// is harmed; whoever still refuses once it is writable again does not work on.
    pub(super) fn refused(&self, ack: &Ack) -> Result<(), RunError> {
        match self.disk.as_ref().map(Disk::state) {
            Some(DiskState::Harmed) => Ok(()),
            Some(DiskState::Relieved) if self.stuck.is_none() => {
                let Ack { task, pid, .. } = ack;
                let reason = ack.reason.as_deref().unwrap_or("no reason given");
                Err(self.stuck(format!("pid {pid} refused task {task}: {reason}")))
            }
            Some(DiskState::Relieved) => Ok(()),
            Some(DiskState::Untouched) | None => Err(RunError::refused(ack.clone())),
        }
    }
}
