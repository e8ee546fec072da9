//! `fleet/no-orphans`: a fleet that is asked to end leaves no process behind.

use super::{Accounts, Finding, Outcome, Side};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    match accounts.left_over {
        None => Outcome::Inconclusive {
            reason: "nobody ended the fleet".to_owned(),
        },
        Some(pids) if pids.is_empty() => Outcome::Pass { exercised: 1 },
        Some(pids) => {
            let pids: Vec<String> = pids.iter().map(ToString::to_string).collect();
            let summary = format!("the fleet was to end, and left pids {} behind", pids.join(", "));
            Outcome::Fail(Box::new(Finding::plain(Side::Supervisor, summary)))
        }
    }
}
