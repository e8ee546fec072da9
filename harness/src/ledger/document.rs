//! A ledger as a kept run holds it, so that it can be judged again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Entry, Ledger, State};
use crate::exporter::Pid;
use crate::task::Task;

/// What a ledger knew at one moment; the tasks themselves are in `plan.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerDocument {
    /// In the order of dispatch, as `plan.json` has them.
    entries: Vec<EntryDocument>,
    killed: BTreeSet<Pid>,
    #[serde(default)]
    departed: BTreeSet<Pid>,
    #[serde(default)]
    reborn: BTreeMap<Pid, u64>,
    #[serde(default)]
    inherited: u32,
    #[serde(default)]
    earlier: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct EntryDocument {
    task: String,
    wave: u32,
    acknowledged: Option<u64>,
    settled: bool,
    /// Since its dispatch, in nanoseconds: no hook can have observed a longer time.
    age_ns: u64,
    #[serde(flatten)]
    state: State,
}

impl LedgerDocument {
    /// What `ledger` knows at `now`.
    pub fn of(ledger: &Ledger, now: Instant) -> Self {
        let age = |entry: &Entry| now.saturating_duration_since(entry.dispatched).as_nanos();
        let entry = |entry: &Entry| EntryDocument {
            task: entry.task.id.clone(),
            wave: entry.wave,
            acknowledged: entry.acknowledged,
            settled: entry.settled,
            age_ns: u64::try_from(age(entry)).unwrap_or(u64::MAX),
            state: entry.state,
        };
        Self {
            entries: ledger.entries.iter().map(entry).collect(),
            killed: ledger.killed.clone(),
            departed: ledger.departed.clone(),
            reborn: ledger.reborn.clone(),
            inherited: ledger.inherited,
            earlier: ledger.earlier,
        }
    }

    /// The ledger again, of the first of `tasks`, as it was when it was kept, if that were `now`.
    ///
    /// # Errors
    /// The id of a task that is not where it was.
    pub fn restore(&self, tasks: &[Task], now: Instant) -> Result<Ledger, String> {
        let mut ledger = Ledger {
            inherited: self.inherited,
            earlier: self.earlier,
            ..Ledger::default()
        };
        for (at, kept) in self.entries.iter().enumerate() {
            let task = tasks.get(at).filter(|task| task.id == kept.task);
            let dispatched = now.checked_sub(Duration::from_nanos(kept.age_ns));
            let (task, dispatched) = task.zip(dispatched).ok_or_else(|| kept.task.clone())?;
            let task = task.clone();
            ledger.by_id.insert(task.id.clone(), at);
            ledger.entries.push(Entry {
                task,
                dispatched,
                state: kept.state,
                wave: kept.wave,
                acknowledged: kept.acknowledged,
                settled: kept.settled,
            });
        }
        ledger.killed.clone_from(&self.killed);
        ledger.departed.clone_from(&self.departed);
        ledger.reborn.clone_from(&self.reborn);
        Ok(ledger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exporter::Outcome;
    use crate::ledger::Ack;

    fn task(id: &str) -> Task {
        Task {
            id: id.to_owned(),
            name: "mail".to_owned(),
            ops: Vec::new(),
        }
    }

    #[test]
    fn a_ledger_is_kept_with_all_that_predictions_ask_for() {
        let mut ledger = Ledger::default();
        let tasks = ["1", "2", "3", "4"].map(task);
        ledger.dispatch(tasks.clone());
        for (task, pid, outcome) in [("2", 7, Outcome::Ok), ("1", 8, Outcome::Failed)] {
            let ack = Ack {
                task: task.to_owned(),
                pid,
                outcome,
                reason: None,
            };
            ledger.acknowledge(ack).unwrap();
        }
        ledger.settle();
        ledger.killed(8);
        ledger.departed(9);
        ledger.reborn(7);
        ledger.restart();
        ledger.inherit(2);
        ledger.give_up_open_tasks();
        ledger.claim([task("5")]);
        let now = Instant::now();
        let document = LedgerDocument::of(&ledger, now);
        let text = serde_json::to_string(&document).unwrap();
        let read: LedgerDocument = serde_json::from_str(&text).unwrap();
        assert_eq!(read, document);
        let plan: Vec<Task> = tasks.into_iter().chain([task("5"), task("later")]).collect();
        let later = now + Duration::from_secs(60);
        let restored = read.restore(&plan, later).unwrap();
        assert_eq!(LedgerDocument::of(&restored, later), document);
        assert!(restored.was_killed(8) && restored.indeterminate() == 2);
        assert_eq!(restored.departed_processes(), 1);
        assert_eq!(read.restore(&plan[1..], later).unwrap_err(), "1");
    }
}
