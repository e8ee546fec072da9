//! The fleet's end, by a step or with the scenario; and its new start where it was: on the same metrics directory and queue,
//! on another port.

use std::time::Instant;

use futures_util::future::join_all;

use super::Stage;
use crate::run::RunError;
use crate::run::timeline::Moment;
use crate::scenario::Stop;

impl Stage<'_> {
    /// Ends the fleet, or all of them.
    pub(in crate::run) async fn leave(&mut self) -> Result<(), RunError> {
        let mut siblings = std::mem::take(&mut self.siblings);
        let others = join_all(siblings.iter_mut().map(Stage::leave_alone));
        let (own, others) = tokio::join!(self.leave_alone(), others);
        self.siblings = siblings;
        others.into_iter().fold(own, Result::and)
    }

    async fn leave_alone(&mut self) -> Result<(), RunError> {
        if let Some(prometheus) = self.prometheus.take() {
            prometheus.stop().await;
        }
        if let Some(fleet) = self.fleet.take() {
            self.supply.queue.lead_nowhere();
            let started = Instant::now();
            let left_over = fleet.end().await;
            *self.stages.entry("end").or_default() += started.elapsed();
            self.timeline.record(Moment::FleetEnded {
                left_over: left_over.iter().copied().collect(),
            })?;
            self.left_over.get_or_insert_default().extend(left_over);
        }
        Ok(())
    }

    pub(super) async fn end(&mut self, stop: Stop) -> Result<(), RunError> {
        match stop {
            Stop::Gracefully => self.leave().await,
            Stop::ByKillingItsSupervisor => self.behead().await,
        }
    }

    /// Kills the fleet's supervisor: whoever does not end by itself then is left over, before it is ended all the same.
    async fn behead(&mut self) -> Result<(), RunError> {
        let Some(fleet) = &mut self.fleet else {
            return Ok(());
        };
        let outlive_it = fleet.behead().await;
        self.leave().await?;
        self.left_over.get_or_insert_default().extend(outlive_it);
        Ok(())
    }

    /// From here on the ledger counts on nothing that an earlier fleet has done.
    pub(super) async fn restart(&mut self, stop: Stop) -> Result<(), RunError> {
        self.end(stop).await?;
        self.read_acknowledgements()?;
        self.ledger.restart();
        self.start().await
    }
}
