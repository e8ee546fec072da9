//! The search for the smallest plan that still fails: proposes, is told, goes on from what failed.
//!
//! It knows nothing of fleets: whoever plays a candidate tells how it ended. It ends when nothing that could still be
//! taken away can be taken away alone, or when nobody asks for a candidate any more.

use std::collections::BTreeSet;

use super::plan::completed;
use super::reductions::{self, Reduction};
use crate::scenario::{Capability, Scenario};

/// A search.
#[derive(Debug)]
pub struct Search {
    capabilities: Vec<Capability>,
    /// The plans that failed, each smaller than the one before.
    failed: Vec<Scenario>,
    /// Texts that were proposed: none is proposed twice.
    proposed: BTreeSet<String>,
    /// The kind of reduction, and which of its kind comes next.
    kind: usize,
    next: usize,
    /// Whether a candidate failed since the first kind was begun.
    progress: bool,
    candidate: Option<Scenario>,
}

impl Search {
    /// Begins with a plan that fails on an exporter with these capabilities.
    pub fn new(plan: Scenario, capabilities: &[Capability]) -> Self {
        Self {
            capabilities: capabilities.to_vec(),
            proposed: BTreeSet::from([plan.text.clone()]),
            failed: vec![plan],
            kind: 0,
            next: 0,
            progress: false,
            candidate: None,
        }
    }

    /// A smaller plan to be played, and [`told`](Self::told) about; `None`: there is none that could fail, too.
    pub fn candidate(&mut self) -> Option<Scenario> {
        loop {
            let Some(kind) = reductions::ALL.get(self.kind) else {
                if !self.progress {
                    return None;
                }
                (self.kind, self.next, self.progress) = (0, 0, false);
                continue;
            };
            match self.propose(*kind) {
                Some(plan) => {
                    self.candidate = Some(plan.clone());
                    return Some(plan);
                }
                None => (self.kind, self.next) = (self.kind + 1, 0),
            }
        }
    }

    /// The next reduction of that kind that is a plan, and a new one.
    fn propose(&mut self, kind: Reduction) -> Option<Scenario> {
        let drafts = kind(self.smallest());
        for draft in drafts.into_iter().skip(self.next) {
            self.next += 1;
            // What breaks a rule of the format is no plan; the generator has to keep them, a reduction may try.
            let Ok(Some(plan)) = completed(draft, &self.capabilities) else {
                continue;
            };
            if self.proposed.insert(plan.text.clone()) {
                return Some(plan);
            }
        }
        None
    }

    /// How the last candidate ended: what fails is where the search goes on from.
    pub fn told(&mut self, fails: bool) {
        let Some(plan) = self.candidate.take() else {
            return;
        };
        if fails {
            self.failed.push(plan);
            self.progress = true;
            // What took the place of what was taken away is tried next.
            self.next = self.next.saturating_sub(1);
        }
    }

    /// The smallest plan so far that fails; the one that it began with, if no other did.
    pub fn smallest(&self) -> &Scenario {
        self.failed.last().expect("the first is never taken back")
    }

    /// Takes the smallest plan back, because it does not fail each time, and goes on from the one before it; `false`: it
    /// is the one that the search began with.
    pub fn take_back(&mut self) -> bool {
        let more = self.failed.len() > 1;
        if more {
            self.failed.pop();
            (self.kind, self.next, self.progress) = (0, 0, false);
        }
        more
    }
}
