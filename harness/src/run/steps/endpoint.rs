//! The wait until the endpoint answers.

use std::time::{Duration, Instant};

use super::Stage;
use crate::fleet::Fleet;
use crate::poll::every;
use crate::run::RunError;
use crate::run::timeline::Moment;
use crate::scrape::Format;

impl Stage<'_> {
    /// Waits until the endpoint answers, from a process of the fleet, or until the deadline.
    pub(super) async fn endpoint(&mut self) -> Result<(), RunError> {
        let deadline = Instant::now() + self.quiesce_deadline();
        let mut tick = every(Duration::from_millis(10));
        loop {
            tick.tick().await;
            self.still_running()?;
            let listens = self.fleet.as_ref().map_or(Ok(false), Fleet::listens)?;
            let scraper = self.scraper.as_ref().filter(|_| listens);
            let answer = match scraper {
                Some(scraper) => scraper
                    .get(Format::Text)
                    .await
                    .map(|response| response.status)
                    .ok(),
                None => None,
            };
            if answer.is_some() {
                let port_owner = self.fleet.as_ref().and_then(|fleet| fleet.port_owner().ok());
                return self.timeline.record(Moment::Endpoint { port_owner });
            }
            // That an endpoint stays away is for the checks to say.
            if Instant::now() > deadline {
                return Ok(());
            }
        }
    }
}
