//! `gauge/live-pids`: the live gauges of a dead process are gone, from the files and from what is served (M8).

use super::{Accounts, Difference, Finding, Outcome, Side};
use crate::exporter::Pid;
use crate::exposition::go_float;

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let inconclusive = |reason: String| Outcome::Inconclusive { reason };
    let Some(living) = accounts.living else {
        return inconclusive("the fleet was ended, so no process is left to live".to_owned());
    };
    let reading = match &accounts.last.after {
        Ok(reading) => reading,
        Err(error) => return inconclusive(format!("the files cannot be read: {error}")),
    };
    let is_dead = |id: &str| id.parse().is_ok_and(|pid: Pid| !living.contains(&pid));
    let names = reading.snapshot.files().iter().map(|file| &file.name);
    let live: Vec<_> = names.filter(|name| name.is_live_gauge()).collect();
    let left: Vec<&str> = live
        .iter()
        .filter(|name| is_dead(&name.id))
        .map(|name| name.text.as_str())
        .collect();
    if !left.is_empty() {
        let summary = format!(
            "live gauges outlive their processes: there is still {}",
            left.join(", ")
        );
        return Outcome::Fail(Box::new(Finding::plain(Side::Supervisor, summary)));
    }
    let served = served(accounts);
    let dead: Vec<Difference> = served
        .iter()
        .filter(|(pid, _)| is_dead(pid))
        .map(|(_, difference)| difference.clone())
        .collect();
    if !dead.is_empty() {
        return Outcome::Fail(Box::new(Finding {
            summary: format!("live gauges of dead processes are served, {} series", dead.len()),
            side: Side::Server,
            differences: dead,
            notes: Vec::new(),
        }));
    }
    // Of who has ended, nothing is left.
    let ended = accounts.ledger.killed_processes() + accounts.ledger.departed_processes();
    match live.len() + served.len() + ended {
        0 => inconclusive("there is no live gauge, neither in the files nor in what is served".to_owned()),
        exercised => Outcome::Pass { exercised },
    }
}

/// The series of gauges that show each living process for itself, by the process that they name.
fn served(accounts: &Accounts<'_>) -> Vec<(String, Difference)> {
    let parsed = accounts
        .last
        .scrape
        .as_ref()
        .ok()
        .and_then(|scraped| scraped.parsed.as_ref());
    let families = parsed.map_or(&[][..], |parsed| &parsed.exposition.families);
    let live = families
        .iter()
        .filter(|family| accounts.prediction.of_each_living.contains(&family.name));
    live.flat_map(|family| &family.samples)
        .filter_map(|sample| {
            let pid = sample.series.labels.get("pid")?.to_owned();
            let difference = Difference {
                series: sample.series.to_string(),
                expected: format!("nothing, for pid {pid} is dead"),
                got: format!("scrape {}", go_float(sample.value)),
                parts: Vec::new(),
            };
            Some((pid, difference))
        })
        .collect()
}
