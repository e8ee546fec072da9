//! The ledger: what the suite asked for, what the workers acknowledged, and what it must come to.
//!
//! [`Ledger`] records tasks and deaths; [`Ledger::predict`] turns them into bounds for every series that the
//! files must hold. What is known exactly has equal bounds; what a kill left open widens them.
//!
//! ```
//! use counterfoil::exporter::Outcome;
//! use counterfoil::ledger::{Ack, Bounds, Ledger};
//! use counterfoil::scenario;
//! use counterfoil::series::{Labels, Series};
//! use counterfoil::task::Task;
//!
//! # let text = r#"
//! #     title = "It counts"
//! #     level = "must"
//! #     since = "0.1.0"
//! #     why = "An example."
//! #     fleet = { workers = 2 }
//! #     steps = [{ check = ["truth/equals-ledger"] }]
//! #     metrics = [{ name = "jobs", type = "counter", help = "", labels = ["queue"] }]
//! #     tasks = [{ name = "mail", ops = [{ op = "inc", metric = "jobs", labels = { queue = "a" } }] }]
//! # "#;
//! let scenario = scenario::parse("counter/by-hand", text)?;
//! let mail = scenario.task("mail").expect("it is declared: one increment of `jobs`");
//! let mut ledger = Ledger::default();
//! ledger.dispatch((1..=3).map(|number| Task::expand(format!("mail#{number}"), mail)));
//! for (task, pid) in [("mail#1", 4312), ("mail#2", 4313)] {
//!     let ack = Ack { task: task.to_owned(), pid, outcome: Outcome::Ok, reason: None };
//!     ledger.acknowledge(ack).expect("the task was dispatched, and is open");
//! }
//!
//! // Whoever took the third task was killed: it may have been executed, or not.
//! ledger.killed(4313);
//! ledger.give_up_open_tasks();
//! let jobs = Series::new("jobs_total", Labels::default().with("queue", "a"));
//! assert_eq!(ledger.predict(&scenario, &[]).series[&jobs], Bounds::between(2.0, 3.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod acks;
mod bounds;
mod document;
mod gauges;
mod predict;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde::{Deserialize, Serialize};

pub use acks::{Ack, AckError, AckFile};
pub use bounds::{Bounds, Prediction};
pub use document::LedgerDocument;

use crate::exporter::{Outcome, Pid};
use crate::task::Task;

/// How far a task has come, as the harness knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    /// Dispatched, not acknowledged.
    Open,
    /// Acknowledged.
    Acknowledged {
        /// By which process.
        pid: Pid,
        /// How it ended.
        outcome: Outcome,
    },
    /// Dispatched, not acknowledged, no longer queued: whoever took it may have executed any part of it.
    Indeterminate,
    /// A process of another pod has it: what it comes to is in that pod's ledger.
    Elsewhere,
}

/// One dispatched task.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The task.
    pub task: Task,
    /// When it was dispatched.
    pub dispatched: Instant,
    /// How far it has come.
    pub state: State,
    /// In which wave it went out: waves are separated by quiet, so their order is known.
    pub wave: u32,
    /// Its place among all acknowledgements.
    pub acknowledged: Option<u64>,
    /// Whether the fleet came to rest after its acknowledgement, while whoever gave it lived: the exporter's own hooks have run.
    pub settled: bool,
}

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
    by_id: BTreeMap<String, usize>,
    killed: BTreeSet<Pid>,
    /// Who ended as it was asked to, and lost nothing.
    departed: BTreeSet<Pid>,
    /// Whose pid was used again, and how many acknowledgements there were before.
    reborn: BTreeMap<Pid, u64>,
    inherited: u32,
    wave: u32,
    acknowledged: u64,
    /// How many of the acknowledgements came before the fleet was last started.
    earlier: u64,
}

/// The counter, without `_total`, of which every process that was gone before the workers came has left a 1.
pub const INHERITED: &str = "counterfoil_inherited";

impl Ledger {
    /// Records that the files of so many more processes were there already.
    pub fn inherit(&mut self, processes: u32) {
        self.inherited += processes;
    }

    /// How many processes left files before the workers came.
    pub fn inherited(&self) -> u32 {
        self.inherited
    }

    /// Records tasks that are about to be dispatched.
    pub fn dispatch(&mut self, tasks: impl IntoIterator<Item = Task>) {
        for task in tasks {
            self.by_id.insert(task.id.clone(), self.entries.len());
            let state = State::Open;
            let dispatched = Instant::now();
            let (wave, acknowledged, settled) = (self.wave, None, false);
            self.entries.push(Entry {
                task,
                dispatched,
                state,
                wave,
                acknowledged,
                settled,
            });
        }
    }

    /// Records an acknowledgement; one of a task that was never dispatched is returned.
    ///
    /// # Errors
    /// The acknowledgement itself, when nobody asked for its task or when it came before.
    pub fn acknowledge(&mut self, ack: Ack) -> Result<(), Ack> {
        let Some(at) = self.by_id.get(&ack.task) else {
            return Err(ack);
        };
        let entry = &mut self.entries[*at];
        if matches!(entry.state, State::Acknowledged { .. }) {
            return Err(ack);
        }
        entry.state = State::Acknowledged {
            pid: ack.pid,
            outcome: ack.outcome,
        };
        entry.acknowledged = Some(self.acknowledged);
        self.acknowledged += 1;
        Ok(())
    }

    /// Whether that task is one which a worker program must refuse.
    pub fn must_be_refused(&self, task: &str) -> bool {
        let entry = self.by_id.get(task).map(|at| &self.entries[*at]);
        entry.is_some_and(|entry| entry.task.must_be_refused())
    }

    /// Hands an open task to the ledger of the pod that has acknowledged it; `None`: it is not open.
    pub fn hand_over(&mut self, task: &str) -> Option<Entry> {
        let entry = &mut self.entries[*self.by_id.get(task)?];
        if entry.state != State::Open {
            return None;
        }
        let open = entry.clone();
        entry.state = State::Elsewhere;
        Some(open)
    }

    /// Takes over a task that another pod's ledger hands over, as if it had been dispatched to this one.
    pub fn take_over(&mut self, entry: Entry) {
        self.by_id.insert(entry.task.id.clone(), self.entries.len());
        self.entries.push(Entry {
            wave: self.wave,
            ..entry
        });
    }

    /// Records tasks as acknowledged that were never dispatched, by whoever acknowledged one first: a canary's lie.
    pub fn claim(&mut self, tasks: impl IntoIterator<Item = Task>) {
        let pid = self.shares(0).into_keys().next().unwrap_or_default();
        let from = self.entries.len();
        self.dispatch(tasks);
        for entry in &mut self.entries[from..] {
            let outcome = Outcome::Ok;
            entry.state = State::Acknowledged { pid, outcome };
            entry.acknowledged = Some(self.acknowledged);
            self.acknowledged += 1;
        }
    }

    /// Records that the harness killed a process.
    pub fn killed(&mut self, pid: Pid) {
        self.killed.insert(pid);
    }

    /// Records that the harness killed a process, and that the one in its place has its pid: it goes on with the files of the
    /// first (F10), but for live gauges.
    pub fn reborn(&mut self, pid: Pid) {
        self.reborn.insert(pid, self.acknowledged);
    }

    /// Whether a task was acknowledged by a process that was killed, as the one that has its pid now was not.
    fn is_of_a_namesake(&self, entry: &Entry) -> bool {
        let (State::Acknowledged { pid, .. }, Some(place)) = (entry.state, entry.acknowledged) else {
            return false;
        };
        self.reborn.get(&pid).is_some_and(|since| place < *since)
    }

    /// Whether a task was acknowledged by a process that the harness has killed since.
    fn is_of_the_killed(&self, entry: &Entry) -> bool {
        let State::Acknowledged { pid, .. } = entry.state else {
            return false;
        };
        self.killed.contains(&pid) || self.is_of_a_namesake(entry)
    }

    /// Records that a process has ended because the fleet was to do without it: it finished what it had begun.
    pub fn departed(&mut self, pid: Pid) {
        self.departed.insert(pid);
    }

    /// The queue is empty and nobody works any more: what is still open will never be acknowledged.
    pub fn give_up_open_tasks(&mut self) {
        for entry in self.entries.iter_mut().filter(|entry| entry.state == State::Open) {
            entry.state = State::Indeterminate;
        }
    }

    /// The fleet is at rest and the files agree: what was acknowledged is settled, and a new wave begins. What a process had
    /// acknowledged that was killed before is not: whether its hooks ran in time, no rest can tell.
    pub fn settle(&mut self) {
        let is_settled =
            |entry: &Entry| entry.settled || (entry.acknowledged.is_some() && !self.is_of_the_killed(entry));
        let settled: Vec<bool> = self.entries.iter().map(is_settled).collect();
        for (entry, settled) in self.entries.iter_mut().zip(settled) {
            entry.settled = settled;
        }
        self.wave += 1;
    }

    /// The fleet has ended and is started again, as a service that begins anew: what was acknowledged counts no longer, nor
    /// does what was inherited. Whoever takes a task that is still open may count it.
    pub fn restart(&mut self) {
        self.earlier = self.acknowledged;
        self.inherited = 0;
    }

    /// Every dispatched task.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many tasks are open.
    pub fn open(&self) -> usize {
        self.count(|state| state == State::Open)
    }

    /// How many tasks are indeterminate.
    pub fn indeterminate(&self) -> usize {
        self.count(|state| state == State::Indeterminate)
    }

    /// How many tasks were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.count(|state| matches!(state, State::Acknowledged { .. }))
    }

    fn count(&self, is: impl Fn(State) -> bool) -> usize {
        self.entries.iter().filter(|entry| is(entry.state)).count()
    }

    /// How many tasks each process acknowledged, since the task at `from` in dispatch order.
    pub fn shares(&self, from: usize) -> BTreeMap<Pid, usize> {
        let mut shares = BTreeMap::new();
        for entry in &self.entries[from..] {
            if let State::Acknowledged { pid, .. } = entry.state {
                *shares.entry(pid).or_default() += 1;
            }
        }
        shares
    }

    /// Whether the harness killed that process.
    pub fn was_killed(&self, pid: Pid) -> bool {
        self.killed.contains(&pid)
    }

    /// How many processes have ended because the fleet was to do without them.
    pub fn departed_processes(&self) -> usize {
        self.departed.len()
    }

    /// How many processes the harness killed.
    pub fn killed_processes(&self) -> usize {
        self.killed.len() + self.reborn.len()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;
    use crate::scenario;
    use crate::series::{Labels, Series};

    const SCENARIO: &str = r#"
        title = "It counts"
        level = "must"
        since = "0.1.0"
        why = "An example."
        fleet = { workers = 2, pods = 2 }
        steps = [{ check = ["truth/equals-ledger"] }]
        metrics = [
            { name = "jobs", type = "counter", help = "", labels = ["queue"] },
            { name = "busy", type = "gauge", mode = "all", help = "", labels = ["queue"] },
        ]
        [[tasks]]
        name = "mail"
        ops = [
            { op = "inc", metric = "jobs", labels = { queue = "a" } },
            { op = "set", metric = "busy", labels = { queue = "a" }, value = 2 },
        ]
    "#;

    #[test]
    fn what_another_pod_acknowledged_counts_in_that_pods_ledger_alone() {
        let scenario = scenario::parse("counter/by-hand", SCENARIO).unwrap();
        let mail = scenario.task("mail").unwrap();
        let ack = |task: &str| Ack {
            task: task.to_owned(),
            pid: 7,
            outcome: Outcome::Ok,
            reason: None,
        };
        let (mut first, mut second) = (Ledger::default(), Ledger::default());
        first.dispatch(["1", "2", "3"].map(|id| Task::expand(id.to_owned(), mail)));
        first.acknowledge(ack("1")).unwrap();
        for id in ["2", "3"] {
            second.take_over(first.hand_over(id).unwrap());
            second.acknowledge(ack(id)).unwrap();
        }
        // Neither one that is handed over, nor one that is done, nor one that nobody asked for.
        for id in ["1", "2", "4"] {
            assert!(first.hand_over(id).is_none());
        }
        assert_eq!(
            (first.open(), first.acknowledged(), second.acknowledged()),
            (0, 1, 2)
        );
        let jobs = Series::new("jobs_total", Labels::default().with("queue", "a"));
        for (ledger, done) in [(&first, 1.0), (&second, 2.0)] {
            assert_eq!(
                ledger.predict(&scenario, &[]).series[&jobs],
                Bounds::exactly(done)
            );
        }
        let none = Ledger::default();
        let mut handed = Ledger::default();
        handed.dispatch([Task::expand("5".to_owned(), mail)]);
        handed.hand_over("5").unwrap();
        assert_eq!(
            handed.predict(&scenario, &[]).series,
            none.predict(&scenario, &[]).series
        );
    }
}
