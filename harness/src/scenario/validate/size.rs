//! How many processes work, step by step.

use std::ops::Range;

use super::{Flaw, flaw};
use crate::scenario::{Capability, Dispatch, Scenario};

/// More than any machine that plays scenarios has room for.
const MOST_WORKERS: u32 = 1000;

/// The size of a fleet, and how many of its workers have shown themselves since it was started.
pub(super) struct Size {
    workers: u32,
    seen: u32,
}

impl Size {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let workers = *scenario.fleet.workers.get_ref();
        Self { workers, seen: 0 }
    }

    /// A step at `at` hands out tasks.
    pub(super) fn dispatched(&mut self, at: Range<usize>, dispatch: &Dispatch) -> Result<(), Flaw> {
        if dispatch.min_pids > self.workers {
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

    /// A step at `at` makes the fleet larger or smaller.
    pub(super) fn scaled(&mut self, at: Range<usize>, scenario: &Scenario, workers: u32) -> Result<(), Flaw> {
        if !scenario.needs.contains(&Capability::Scales) {
            let remedy = "add \"scales\" to `needs`";
            return Err(flaw(at, "not every fleet can be scaled", remedy));
        }
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
