//! What happens in a program: acts that are drawn at will, played out as steps that may come in that order.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use toml::Spanned;

use super::course::Course;
use super::plan::made;
use crate::scenario::{Capability, Dispatch, Fault, ScrapeStep, SignalName, Step, Stop, Target, Wait};

/// Something that happens in a program.
#[derive(Clone, Debug)]
enum Act {
    /// So many of each task; how many processes must acknowledge some.
    Dispatch(Vec<u32>, u32),
    Scrape(u32),
    Quiet,
    Check,
    Kill(Kill),
}

/// A process is killed.
#[derive(Clone, Debug)]
struct Kill {
    /// Whose.
    to: Target,
    /// Of each task, so many go out before, if it takes that to have a victim.
    counts: Vec<u32>,
    /// So many processes acknowledge some of them.
    min_pids: u32,
    /// The fleet rests before; else it may be at work.
    rest: bool,
    /// A scrape comes at once.
    scrape: bool,
}

/// The steps of a program of `tasks` tasks on `workers` processes: one to six acts, quiet, and a check of everything.
pub(super) fn steps(
    tasks: usize,
    workers: u32,
    capabilities: &[Capability],
) -> impl Strategy<Value = Vec<Spanned<Step>>> + use<> {
    let early = capabilities.contains(&Capability::EndpointFromStart);
    let acts = vec(act(tasks, workers, capabilities), 1..=6);
    (dispatch(tasks, workers), acts, proptest::bool::weighted(0.15)).prop_map(move |(first, acts, stop)| {
        let mut script = Script::default();
        match first {
            // Nobody is scraped before some task is acknowledged.
            Act::Dispatch(counts, min_pids) if !early => script.dispatch(&counts, min_pids.max(1)),
            _ if acts.iter().any(|act| matches!(act, Act::Dispatch(..))) => {}
            first => script.act(&first),
        }
        for act in &acts {
            script.act(act);
        }
        script.close(stop)
    })
}

fn act(tasks: usize, workers: u32, capabilities: &[Capability]) -> BoxedStrategy<Act> {
    let has = |capability| capabilities.contains(&capability);
    let kill = |to, weight| {
        let kill = (counts(tasks), 2..=workers.max(2), any::<bool>(), any::<bool>());
        let kill = kill.prop_map(move |(counts, min_pids, rest, scrape)| {
            Act::Kill(Kill {
                to,
                counts,
                min_pids,
                rest,
                scrape,
            })
        });
        (weight, kill.boxed())
    };
    let mut acts = vec![
        (5, dispatch(tasks, workers).boxed()),
        (3, (1_u32..=3).prop_map(Act::Scrape).boxed()),
        (2, Just(Act::Quiet).boxed()),
        (1, Just(Act::Check).boxed()),
    ];
    if workers >= 2 && has(Capability::RestartsWorkers) {
        acts.push(kill(Target::Worker, 2));
        if has(Capability::EndpointRecovers) {
            acts.push(kill(Target::PortOwner, 1));
        }
    }
    proptest::strategy::Union::new_weighted(acts).boxed()
}

fn dispatch(tasks: usize, workers: u32) -> impl Strategy<Value = Act> + use<> {
    (counts(tasks), 0..=workers).prop_map(|(counts, min_pids)| Act::Dispatch(counts, min_pids))
}

/// How many of each task, and at least one of some.
fn counts(tasks: usize) -> impl Strategy<Value = Vec<u32>> + use<> {
    let count = prop_oneof![2 => Just(0_u32), 3 => 1_u32..=3, 2 => 4_u32..=20];
    (vec(count, tasks), any::<prop::sample::Index>()).prop_map(move |(mut counts, one)| {
        if counts.iter().all(|count| *count == 0) {
            counts[one.index(tasks)] = 1;
        }
        counts
    })
}

/// The steps so far, and how far the fleet has come with them.
#[derive(Default)]
struct Script {
    steps: Vec<Spanned<Step>>,
    course: Course,
}

impl Script {
    /// Appends a step, if it may come now.
    fn step(&mut self, step: Step) {
        if self.course.take(&step) {
            self.steps.push(made(step));
        }
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Dispatch(counts, min_pids) => self.dispatch(counts, *min_pids),
            Act::Scrape(count) => self.step(Step::Scrape(ScrapeStep {
                count: *count,
                at_once: 1,
                slow: 0,
            })),
            Act::Quiet => self.step(Step::Wait(Wait::Quiet)),
            Act::Check => self.check(),
            Act::Kill(kill) => self.kill(kill),
        }
    }

    fn dispatch(&mut self, counts: &[u32], min_pids: u32) {
        let named = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        let tasks: BTreeMap<_, _> = named
            .map(|(at, count)| (super::program::task_name(at), made(*count)))
            .collect();
        let min_pids = if self.course.has_lost() { 0 } else { min_pids };
        self.step(Step::Dispatch(Dispatch { tasks, min_pids }));
    }

    fn check(&mut self) {
        if self.course.is_away() {
            self.step(Step::Wait(Wait::Endpoint));
        }
        self.step(Step::Wait(Wait::Quiet));
        // Which checks apply is decided when all of the plan is known.
        self.step(Step::Check(Vec::new()));
    }

    /// A kill, with what it takes to find a victim; the endpoint is waited for, at once or after a scrape.
    fn kill(&mut self, kill: &Kill) {
        if !self.course.is_able() {
            if self.course.has_lost() {
                self.step(Step::Wait(Wait::Quiet));
            }
            self.dispatch(&kill.counts, kill.min_pids);
        }
        if kill.rest {
            self.step(Step::Wait(Wait::Quiet));
        }
        let (signal, to) = (SignalName::Kill, kill.to);
        self.step(Step::Fault(Fault::Signal { signal, to }));
        if kill.scrape {
            self.step(Step::Scrape(ScrapeStep {
                count: 1,
                at_once: 1,
                slow: 0,
            }));
        }
        self.step(Step::Wait(Wait::Endpoint));
    }

    fn close(mut self, stop: bool) -> Vec<Spanned<Step>> {
        self.check();
        if stop {
            self.step(Step::Stop(Stop::Gracefully));
            self.step(Step::Check(Vec::new()));
        }
        self.steps
    }
}
