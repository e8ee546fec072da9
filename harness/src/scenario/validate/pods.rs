//! What a scenario of several pods must fulfil.

use super::{Flaw, flaw};
use crate::scenario::{Scenario, Step, Wait};

/// As many fleets as one machine bears.
const MOST_PODS: u32 = 8;

/// Each pod has its own ledger, and a fault would have to say whose.
pub(super) fn pods(scenario: &Scenario) -> Result<(), Flaw> {
    let fleet = &scenario.fleet;
    if !(1..=MOST_PODS).contains(&fleet.pods) {
        let message = format!("{} pods", fleet.pods);
        let remedy = format!("declare 1 to {MOST_PODS} of them");
        return Err(flaw(fleet.workers.span(), message, remedy));
    }
    if fleet.pods == 1 {
        return Ok(());
    }
    if fleet.neighbour || scenario.prometheus {
        return Err(flaw(
            fleet.workers.span(),
            "several pods have neither a neighbour nor Prometheus",
            "remove `pods`, or `neighbour` and `prometheus`",
        ));
    }
    let fits = |step: &Step| {
        matches!(
            step,
            Step::Dispatch(_) | Step::Wait(Wait::Quiet) | Step::Scrape(_) | Step::Check(_)
        )
    };
    match scenario.steps.iter().find(|step| !fits(step.get_ref())) {
        None => Ok(()),
        Some(step) => Err(flaw(
            step.span(),
            "the step would have to say which of the pods it is about",
            "remove `pods`, or the step: `dispatch`, `wait = \"quiet\"`, `scrape` and `check` are about all pods",
        )),
    }
}
