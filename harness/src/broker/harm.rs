//! Harm to a broker that a scenario has for itself.

use std::time::Duration;

use super::choice::Running;
use super::{Broker, BrokerError, List};
use crate::scenario::BrokerFault;

impl Broker {
    /// Does harm to it, or ends that; returns once it is so. A broker that is restarted is away for `away` in between.
    ///
    /// # Errors
    /// It is not the run's own, does not suffer that, or does not come back.
    pub async fn suffer(&mut self, fault: BrokerFault, away: Duration) -> Result<(), BrokerError> {
        match fault {
            BrokerFault::Restart => self.restart(away).await,
            BrokerFault::Pause => self.pause().await,
            BrokerFault::Resume => self.resume().await,
            BrokerFault::KillConnections => List::kill_connections(&self.url).await,
        }
    }

    async fn restart(&mut self, away: Duration) -> Result<(), BrokerError> {
        match &mut self.running {
            Running::Embedded(embedded) => {
                let restarted = embedded.restart(away).await;
                restarted.map_err(|error| BrokerError::Unharmed {
                    what: "restarted",
                    reason: error.to_string(),
                })
            }
            Running::Process(process) => process.restart(away).await,
            Running::Container(container) => container.restart(away).await,
            Running::Elsewhere => Err(self.not_ours()),
        }
    }

    async fn pause(&mut self) -> Result<(), BrokerError> {
        match &mut self.running {
            Running::Embedded(embedded) => {
                embedded.pause();
                Ok(())
            }
            Running::Process(process) => process.pause().await,
            Running::Container(container) => container.pause().await,
            Running::Elsewhere => Err(self.not_ours()),
        }
    }

    async fn resume(&mut self) -> Result<(), BrokerError> {
        match &mut self.running {
            Running::Embedded(embedded) => {
                embedded.resume();
                Ok(())
            }
            Running::Process(process) => {
                process.resume();
                Ok(())
            }
            Running::Container(container) => container.resume().await,
            Running::Elsewhere => Err(self.not_ours()),
        }
    }
}
