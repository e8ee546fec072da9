//! How many processes work, step by step, and of which generation.

use std::ops::Range;

use super::steps::stays_on_its_port;
use super::{Flaw, flaw};
use crate::scenario::{Capability, Dispatch, Scenario, Succession};

/// More than any machine that plays scenarios has room for.
const MOST_WORKERS: u32 = 1000;

const LET_IT_TAKE_OVER: &str = "let it take over before: successor = \"takes-over\"";

/// The size of a fleet, and how many of its workers have shown themselves since it was started.
pub(super) struct Size {
    /// At its start.
    first: u32,
    workers: u32,
    seen: u32,
    /// Where the second generation starts, as long as both work.
    overlaps: Option<Range<usize>>,
}

impl Size {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let workers = *scenario.fleet.workers.get_ref();
        Self {
            first: workers,
            workers,
            seen: 0,
            overlaps: None,
        }
    }

    /// A step at `at` hands out tasks.
    pub(super) fn dispatched(&mut self, at: Range<usize>, dispatch: &Dispatch) -> Result<(), Flaw> {
        let beside = if self.overlaps.is_some() { self.first } else { 0 };
        if dispatch.min_pids > self.workers.saturating_add(beside) {
            return Err(flaw(
                at,
                "min_pids exceeds the fleet's workers",
                "lower it, or raise `workers` in [fleet]",
            ));
        }
        self.seen = self.seen.max(dispatch.min_pids);
        Ok(())
    }

    /// The fleet is started again, as it was at first.
    pub(super) fn restarted(&mut self, scenario: &Scenario) {
        *self = Self::of(scenario);
    }

    /// A step at `at` is about one generation.
    pub(super) fn is_of_one(&self, at: Range<usize>) -> Result<(), Flaw> {
        match self.overlaps {
            Some(_) => Err(flaw(
                at,
                "there are two generations of the fleet here",
                LET_IT_TAKE_OVER,
            )),
            None => Ok(()),
        }
    }

    /// A step at `at` brings the second generation, or ends the first.
    pub(super) fn succeeded(
        &mut self,
        at: Range<usize>,
        scenario: &Scenario,
        succession: Succession,
    ) -> Result<(), Flaw> {
        if !scenario.needs.contains(&Capability::RollingRestarts) {
            let remedy = "add \"rolling-restarts\" to `needs`";
            return Err(flaw(at, "not every fleet can have a successor", remedy));
        }
        stays_on_its_port(scenario, &at)?;
        match succession {
            Succession::Starts => {
                self.is_of_one(at.clone())?;
                self.overlaps = Some(at);
            }
            Succession::TakesOver if self.overlaps.is_none() => {
                let remedy = "start it before: successor = \"starts\"";
                return Err(flaw(at, "there is no successor here", remedy));
            }
            Succession::TakesOver => self.restarted(scenario),
        }
        Ok(())
    }

    /// After the last step there is one generation.
    pub(super) fn ended(self) -> Result<(), Flaw> {
        match self.overlaps {
            Some(at) => Err(flaw(
                at,
                "the successor never takes over",
                "add a step with successor = \"takes-over\" behind it",
            )),
            None => Ok(()),
        }
    }

    /// A step at `at` makes the fleet larger or smaller.
    pub(super) fn scaled(&mut self, at: Range<usize>, scenario: &Scenario, workers: u32) -> Result<(), Flaw> {
        if !scenario.needs.contains(&Capability::Scales) {
            let remedy = "add \"scales\" to `needs`";
            return Err(flaw(at, "not every fleet can be scaled", remedy));
        }
        self.is_of_one(at.clone())?;
        if workers == self.workers || !(1..=MOST_WORKERS).contains(&workers) {
            let message = format!("a fleet of {} cannot be scaled to {workers}", self.workers);
            let remedy = format!("say 1 to {MOST_WORKERS}, and another number than it has");
            return Err(flaw(at, message, remedy));
        }
        // Who comes and goes is told by counting, so all must be there before.
        if self.seen < self.workers {
            let remedy = format!("let a dispatch with min_pids = {} come before", self.workers);
            return Err(flaw(at, "not all workers have shown themselves here", remedy));
        }
        (self.workers, self.seen) = (workers, self.seen.min(workers));
        Ok(())
    }
}
