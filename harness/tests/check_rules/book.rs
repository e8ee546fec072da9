//! A ledger that a test writes task by task, and the scenario that it is about.

use counterfoil::exporter::Outcome;
use counterfoil::ledger::{Ack, Bounds, Ledger, Prediction};
use counterfoil::scenario::{self, Scenario};
use counterfoil::series::{Labels, Series};
use counterfoil::task::Task;

pub(crate) fn scenario(body: &str) -> Scenario {
    let head = "title = ''\nlevel = 'must'\nsince = '0.1.0'\nwhy = ''\nneeds = ['most-recent']\nfleet = { workers = 2 }\n";
    let steps = "[[steps]]\ncheck = ['truth/equals-ledger']\n";
    scenario::parse("family/by-hand", &format!("{head}{body}{steps}")).unwrap()
}

/// A ledger that is written task by task.
pub(crate) struct Book<'a> {
    scenario: &'a Scenario,
    pub(crate) ledger: Ledger,
}

impl<'a> Book<'a> {
    pub(crate) fn of(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            ledger: Ledger::default(),
        }
    }

    pub(crate) fn dispatch(&mut self, name: &str) -> String {
        let id = format!("by-hand#{}", self.ledger.entries().len());
        self.ledger
            .dispatch([Task::expand(id.clone(), self.scenario.task(name).unwrap())]);
        id
    }

    pub(crate) fn done(mut self, pid: i32, name: &str) -> Self {
        let task = self.dispatch(name);
        self.ledger
            .acknowledge(Ack {
                task,
                pid,
                outcome: Outcome::Ok,
                reason: None,
            })
            .unwrap();
        self
    }

    pub(crate) fn ended(mut self, pid: i32, name: &str, outcome: Outcome) -> Self {
        let task = self.dispatch(name);
        self.ledger
            .acknowledge(Ack {
                task,
                pid,
                outcome,
                reason: None,
            })
            .unwrap();
        self
    }

    pub(crate) fn lost(mut self, name: &str) -> Self {
        self.dispatch(name);
        self.ledger.give_up_open_tasks();
        self
    }

    pub(crate) fn quiet(mut self) -> Self {
        self.ledger.settle();
        self
    }

    pub(crate) fn killed(mut self, pid: i32) -> Self {
        self.ledger.killed(pid);
        self
    }

    pub(crate) fn departed(mut self, pid: i32) -> Self {
        self.ledger.departed(pid);
        self
    }

    pub(crate) fn reborn(mut self, pid: i32) -> Self {
        self.ledger.reborn(pid);
        self
    }

    pub(crate) fn predicts(&self) -> Prediction {
        self.ledger.predict(self.scenario, &[])
    }
}

pub(crate) fn bounds(prediction: &Prediction, sample: &str, labels: &[(&str, &str)]) -> Option<Bounds> {
    let labels = labels
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    prediction
        .series
        .get(&Series::new(sample, Labels::new(labels)))
        .copied()
}
