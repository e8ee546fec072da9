//! The course of a plan: which step may come after which, so that whatever fails is the exporter's doing.
//!
//! A scenario by hand may ask for what cannot be had, and is then inconclusive; a plan that is made up must not.

use crate::check::Check;
use crate::scenario::{Fault, Scenario, Step, Target, Wait};

/// How far a fleet has come.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact about the fleet that holds or does not, by itself"
)]
pub(super) struct Course {
    /// Two living processes have acknowledged tasks, so a victim is found.
    able: bool,
    /// Tasks went out since the fleet last rested.
    in_flight: bool,
    /// A process was killed while they were: some may never be acknowledged, and who waits for them waits long.
    lost: bool,
    /// The process that serves was killed, and its successor has not answered yet.
    away: bool,
    /// A process was killed since the endpoint was last waited for.
    struck: bool,
    /// Some task was acknowledged.
    begun: bool,
    /// The fleet rests.
    quiet: bool,
    /// The fleet was asked to end.
    stopped: bool,
    /// A scrape came before any task.
    early: bool,
    /// Processes were killed while tasks were in flight.
    reckless: bool,
    /// The last step judged all there is.
    judged: bool,
}

impl Course {
    /// The course that all of `plan` takes; `None` where a step may not come when it does, or nothing is judged at
    /// the end.
    pub(super) fn of(plan: &Scenario) -> Option<Self> {
        let mut course = Self::default();
        let mut steps = plan.steps.iter();
        (steps.all(|step| course.take(step.get_ref())) && course.judged).then_some(course)
    }

    /// Whether it scrapes before any task is acknowledged.
    pub(super) fn is_early(self) -> bool {
        self.early
    }

    /// Whether it kills processes that may hold tasks.
    pub(super) fn is_reckless(self) -> bool {
        self.reckless
    }

    /// Whether the next fault finds a victim.
    pub(super) fn is_able(self) -> bool {
        self.able
    }

    /// Whether a killed process may have taken tasks with it.
    pub(super) fn has_lost(self) -> bool {
        self.lost
    }

    /// Whether the endpoint has to be waited for.
    pub(super) fn is_away(self) -> bool {
        self.away
    }

    /// Takes a step, if it may come now.
    pub(super) fn take(&mut self, step: &Step) -> bool {
        let mut next = *self;
        let may = !self.stopped || matches!(step, Step::Check(_));
        let may = may && next.step(step);
        if may {
            *self = next;
        }
        may
    }

    fn step(&mut self, step: &Step) -> bool {
        let was_judged = std::mem::take(&mut self.judged);
        match step {
            Step::Dispatch(dispatch) => {
                if self.lost && dispatch.min_pids > 0 {
                    return false;
                }
                self.able |= dispatch.min_pids >= 2;
                self.begun |= dispatch.min_pids >= 1;
                (self.in_flight, self.quiet) = (true, false);
                dispatch.tasks.values().any(|count| *count.get_ref() > 0)
            }
            // Only a canary lies, no program finds files that are not its workers', and none has Prometheus scrape.
            Step::Claim(_) | Step::Plant(_) | Step::Inherit(_) | Step::Wait(Wait::Prometheus) => false,
            Step::Fault(Fault::Signal { to, .. }) => {
                let may = self.able && !self.lost && !self.away;
                (self.able, self.quiet, self.struck) = (false, false, true);
                self.lost = self.in_flight;
                self.reckless |= self.in_flight;
                self.away = *to == Target::PortOwner;
                may
            }
            // No program does any other harm, or starts the fleet again, or scales it.
            Step::Wipe(_) | Step::Restart(_) | Step::Scale(_) | Step::Successor(_) | Step::Fault(_) => false,
            Step::Wait(Wait::Endpoint) => {
                self.away = false;
                std::mem::take(&mut self.struck)
            }
            Step::Wait(Wait::Quiet) => {
                let may = !self.quiet;
                self.begun |= self.in_flight;
                (self.quiet, self.in_flight, self.lost) = (true, false, false);
                may
            }
            Step::Scrape(scrape) => {
                self.early |= !self.begun;
                !self.away && scrape.count > 0
            }
            Step::Check(_) if self.stopped => {
                self.judged = true;
                true
            }
            Step::Check(checks) => {
                self.early |= !self.begun;
                self.judged = true;
                let orphans = Check::NoOrphans.id();
                self.quiet && !self.away && checks.iter().all(|check| check.get_ref() != orphans)
            }
            // Only behind a check of everything: after it there is nothing to scrape.
            Step::Stop(_) => {
                self.stopped = true;
                was_judged
            }
        }
    }
}
