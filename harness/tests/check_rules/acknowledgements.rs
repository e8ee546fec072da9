//! What the ledger keeps of tasks and processes: who acknowledged what, when, and who was killed.

use counterfoil::exporter::Outcome;
use counterfoil::ledger::{Ack, Bounds, Ledger, State};
use counterfoil::scenario::Scenario;
use counterfoil::task::Task;

use crate::book::{Book, bounds, scenario};

/// A counter, and a task for each of three amounts.
fn amounts() -> Scenario {
    let task = |amount: f64| {
        format!(
            "[[tasks]]\nname = 'inc-{amount}'\nops = [{{ op = 'inc', metric = 'jobs', value = {amount} }}]\n"
        )
    };
    let tasks = [0.1, 0.2, 0.3].map(task).concat();
    scenario(&format!(
        "[[metrics]]\nname = 'jobs'\ntype = 'counter'\nhelp = ''\n{tasks}"
    ))
}

fn ack(task: &str, pid: i32) -> Ack {
    Ack {
        task: task.to_owned(),
        pid,
        outcome: Outcome::Ok,
        reason: None,
    }
}

/// Each task's place among the acknowledgements.
fn places(ledger: &Ledger) -> Vec<Option<u64>> {
    ledger.entries().iter().map(|entry| entry.acknowledged).collect()
}

#[test]
fn doubles_are_added_up_in_the_order_in_which_tasks_were_acknowledged() {
    let scenario = amounts();
    let mut book = Book::of(&scenario);
    let tasks = ["inc-0.1", "inc-0.2", "inc-0.3"].map(|name| book.dispatch(name));
    for task in tasks.iter().rev() {
        book.ledger.acknowledge(ack(task, 7)).unwrap();
    }
    assert_eq!(places(&book.ledger), [Some(2), Some(1), Some(0)]);
    let (forth, back) = (0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
    assert_ne!(forth, back);
    assert_eq!(
        bounds(&book.predicts(), "jobs_total", &[]),
        Some(Bounds::exactly(back))
    );
}

#[test]
fn what_a_canary_claims_counts_as_acknowledged_behind_all_that_was() {
    let scenario = amounts();
    let mut book = Book::of(&scenario).done(7, "inc-0.1").done(9, "inc-0.2");
    let spec = scenario.task("inc-0.3").unwrap();
    book.ledger
        .claim(["claim#1", "claim#2"].map(|id| Task::expand(id.to_owned(), spec)));
    let behind = book.dispatch("inc-0.2");
    book.ledger.acknowledge(ack(&behind, 9)).unwrap();
    assert_eq!(
        places(&book.ledger),
        [Some(0), Some(1), Some(2), Some(3), Some(4)]
    );
    let by_the_first = State::Acknowledged {
        pid: 7,
        outcome: Outcome::Ok,
    };
    assert_eq!(book.ledger.entries()[3].state, by_the_first);
    let sum = 0.1 + 0.2 + 0.3 + 0.3 + 0.2;
    assert_eq!(
        bounds(&book.predicts(), "jobs_total", &[]),
        Some(Bounds::exactly(sum))
    );
}

#[test]
fn tasks_are_counted_by_how_far_they_have_come() {
    let scenario = amounts();
    let mut book = Book::of(&scenario)
        .done(7, "inc-0.1")
        .done(7, "inc-0.1")
        .done(8, "inc-0.1")
        .lost("inc-0.2")
        .lost("inc-0.2");
    book.dispatch("inc-0.3");
    let ledger = &book.ledger;
    assert_eq!(
        (ledger.acknowledged(), ledger.indeterminate(), ledger.open()),
        (3, 2, 1)
    );
    assert_eq!(ledger.entries().len(), 6);
    assert_eq!(ledger.shares(0), [(7, 2), (8, 1)].into());
    assert_eq!(ledger.shares(1), [(7, 1), (8, 1)].into());
}

#[test]
fn a_ledger_knows_whom_the_harness_killed() {
    let scenario = amounts();
    let book = Book::of(&scenario).done(7, "inc-0.1").done(8, "inc-0.1");
    assert!(book.ledger.killed_processes() == 0 && !book.ledger.was_killed(7));
    let book = book.killed(7);
    assert_eq!(book.ledger.killed_processes(), 1);
    assert!(book.ledger.was_killed(7) && !book.ledger.was_killed(8));
    let book = book.reborn(8);
    assert_eq!(book.ledger.killed_processes(), 2);
    assert!(!book.ledger.was_killed(8), "its successor lives");
}
