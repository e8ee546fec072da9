//! A ledger as a kept run holds it, so that it can be judged again.

use std::collections::BTreeSet;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::{Entry, Ledger, State};
use crate::fleet::Pid;
use crate::task::Task;

/// What a ledger knew at one moment; the tasks themselves are in `plan.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LedgerDocument {
    /// In the order of dispatch, as `plan.json` has them.
    entries: Vec<EntryDocument>,
    killed: BTreeSet<Pid>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct EntryDocument {
    task: String,
    wave: u32,
    acknowledged: Option<u64>,
    settled: bool,
    #[serde(flatten)]
    state: State,
}

impl LedgerDocument {
    /// What `ledger` knows now.
    pub(crate) fn of(ledger: &Ledger) -> Self {
        let entry = |entry: &Entry| EntryDocument {
            task: entry.task.id.clone(),
            wave: entry.wave,
            acknowledged: entry.acknowledged,
            settled: entry.settled,
            state: entry.state,
        };
        Self {
            entries: ledger.entries.iter().map(entry).collect(),
            killed: ledger.killed.clone(),
        }
    }

    /// The ledger again, of the first of `tasks`; the id of a task that is not where it was.
    pub(crate) fn restore(&self, tasks: &[Task]) -> Result<Ledger, String> {
        let mut ledger = Ledger::default();
        for (at, kept) in self.entries.iter().enumerate() {
            let task = tasks.get(at).filter(|task| task.id == kept.task);
            let task = task.ok_or_else(|| kept.task.clone())?.clone();
            ledger.by_id.insert(task.id.clone(), at);
            ledger.entries.push(Entry {
                task,
                dispatched: Instant::now(),
                state: kept.state,
                wave: kept.wave,
                acknowledged: kept.acknowledged,
                settled: kept.settled,
            });
        }
        ledger.killed.clone_from(&self.killed);
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
        ledger.give_up_open_tasks();
        ledger.claim([task("5")]);
        let document = LedgerDocument::of(&ledger);
        let text = serde_json::to_string(&document).unwrap();
        let read: LedgerDocument = serde_json::from_str(&text).unwrap();
        assert_eq!(read, document);
        let plan: Vec<Task> = tasks.into_iter().chain([task("5"), task("later")]).collect();
        let restored = read.restore(&plan).unwrap();
        assert_eq!(LedgerDocument::of(&restored), document);
        assert!(restored.was_killed(8) && restored.indeterminate() == 2);
        assert_eq!(read.restore(&plan[1..]).unwrap_err(), "1");
    }
}
