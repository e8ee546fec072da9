//! `fleet/works-on`: what a fleet is handed it takes, whatever it went through before, and what it takes it acknowledges.

use super::{Accounts, Finding, Outcome, Side};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let fail = |summary: String| Outcome::Fail(Box::new(Finding::plain(Side::Supervisor, summary)));
    if let Some(stuck) = accounts.stuck {
        return fail(format!("the fleet does not work on: {stuck}"));
    }
    match (accounts.ledger.open(), accounts.ledger.acknowledged()) {
        (0, 0) => Outcome::Inconclusive {
            reason: "no task was acknowledged".to_owned(),
        },
        (0, acknowledged) => Outcome::Pass {
            exercised: acknowledged,
        },
        (open, _) => fail(format!(
            "the fleet does not work on: {open} tasks were taken and never acknowledged"
        )),
    }
}
