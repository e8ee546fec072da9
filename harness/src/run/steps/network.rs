//! Harm to the network between the fleet and its broker, and its end.

use std::time::Duration;

use tokio::time::sleep;

use super::Stage;
use crate::run::RunError;
use crate::run::timeline::Moment;
use crate::scenario::NetworkFault;

impl Stage<'_> {
    pub(super) async fn harm_network(&mut self, harm: NetworkFault, lasts_ms: u64) -> Result<(), RunError> {
        self.read_acknowledgements()?;
        let Some(network) = &mut self.network else {
            return Err(self.step_failed("the fleet has no network of its own".to_owned()));
        };
        network.suffer(harm).await?;
        self.lossy |= harm.may_lose_tasks();
        self.timeline.record(Moment::Network { harm })?;
        // Sleeps, bounded by the fault's own length, which the scenario declares.
        sleep(Duration::from_millis(lasts_ms)).await;
        Ok(())
    }
}
