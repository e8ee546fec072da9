//! Harm to the broker, or to the network between it and the fleet, and its end.

use std::time::Duration;

use tokio::time::sleep;

use super::Stage;
use crate::run::RunError;
use crate::run::timeline::Moment;
use crate::scenario::{BrokerFault, NetworkFault};

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
}
