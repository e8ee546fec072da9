//! The neighbour, where the scenario has one, and the proof that it has worked.

use std::time::{Duration, Instant};

use super::Stage;
use crate::poll::every;
use crate::run::RunError;
use crate::run::neighbour::Neighbour;
use crate::run::timeline::Moment;

impl Stage<'_> {
    /// Starts it, where the scenario wants one.
    pub(in crate::run) async fn bring_neighbour(&mut self) -> Result<(), RunError> {
        let Some(queue) = self.supply.neighbour.take() else {
            return Ok(());
        };
        let neighbour = Neighbour::start(self.spawner, &self.plan, self.scenario, queue).await?;
        if let Some(fleet) = neighbour.fleet() {
            self.timeline.record(Moment::NeighbourStarted {
                pids: fleet.members().into_iter().collect(),
                url: fleet.url(),
            })?;
        }
        self.neighbour = Some(neighbour);
        Ok(())
    }

    /// Waits until it has acknowledged all its tasks. That the first is untouched by a neighbour which does nothing would be
    /// no news.
    pub(super) async fn neighbour_has_worked(&mut self) -> Result<(), RunError> {
        let deadline = Instant::now() + self.quiesce_deadline();
        let mut tick = every(Duration::from_millis(10));
        loop {
            self.read_acknowledgements()?;
            let Some(neighbour) = &mut self.neighbour else {
                return Ok(());
            };
            let Some(lack) = neighbour.lack() else {
                return Ok(());
            };
            let ended = neighbour.ended();
            if Instant::now() > deadline || ended.is_some() {
                let end = ended.map_or(String::new(), |how| format!(", and has ended: {how}"));
                return Err(self.step_failed(format!("{lack}{end}")));
            }
            tick.tick().await;
        }
    }

    /// Kills it as a whole, once it has worked.
    pub(super) async fn kill_neighbour(&mut self) -> Result<(), RunError> {
        self.neighbour_has_worked().await?;
        let killed = match &mut self.neighbour {
            Some(neighbour) => neighbour.kill().await,
            None => return Err(self.step_failed("there is no neighbour".to_owned())),
        };
        if killed.is_empty() {
            return Err(self.step_failed("the neighbour has no process any more".to_owned()));
        }
        for pid in killed {
            self.timeline.record(Moment::Fault {
                pid,
                signal: "SIGKILL",
                target: "neighbour".to_owned(),
            })?;
        }
        Ok(())
    }
}
