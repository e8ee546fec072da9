//! Mutants: every check kills at least one, in the scenario that the table declares and for the declared reason.

use std::collections::BTreeSet;

use counterfoil::check;
use counterfoil::report::{Judgement, Verdict};
use counterfoil_reference::mutant;
use libtest_mimic::{Failed, Trial};

use crate::site::reference;

/// A mutant's death: `check` fails in `scenario`, and `holds` passes there, so it is not just anything that is
/// wrong.
struct Death {
    check: &'static str,
    mutant: &'static str,
    scenario: &'static str,
    holds: &'static str,
}

const fn death(
    check: &'static str,
    mutant: &'static str,
    scenario: &'static str,
    holds: &'static str,
) -> Death {
    Death {
        check,
        mutant,
        scenario,
        holds,
    }
}

/// Its scrapes have the shortest deadline.
const BEFORE: &str = "lifecycle/before-the-first-task";
const COUNTER: &str = "counter/sums-across-workers";
const LIVE_GAUGES: &str = "death/live-gauges-end-with-their-process";
const REPLACED: &str = "death/worker-killed-and-replaced";
const SCRAPES: &str = "concurrency/scrapes-while-tasks-run";
const LEDGER: &str = "truth/equals-ledger";
const SERVED: &str = "scrape/equals-truth";

// A table reads by its rows.
#[rustfmt::skip]
const DEATHS: &[Death] = &[
    death("scrape/available", "wrong-content-type", COUNTER, LEDGER),
    death("scrape/available", "status-500", BEFORE, "truth/readable"),
    death("scrape/available", "answers-garbage", BEFORE, "truth/readable"),
    death("scrape/available", "answers-without-end", BEFORE, "truth/readable"),
    death("scrape/available", "drips", BEFORE, "truth/readable"),
    death("scrape/available", "redirects", COUNTER, LEDGER),
    death("scrape/available", "claims-gzip", BEFORE, "truth/readable"),
    death("scrape/available", "serves-protobuf", COUNTER, LEDGER),
    death("scrape/available", "endpoint-dies-with-first-worker", LIVE_GAUGES, LEDGER),
    death("exposition/valid", "serves-a-page", BEFORE, "scrape/available"),
    death("exposition/valid", "duplicate-series", "gauge/most-recent-wins", SERVED),
    death("exposition/valid", "escapes-missing", "labels/escapes-and-unicode", LEDGER),
    death("exposition/valid", "buckets-not-accumulated", "histogram/buckets-add-up-across-workers", LEDGER),
    death("truth/readable", "leaves-an-empty-file", COUNTER, "exposition/valid"),
    death(SERVED, "serves-own-process", COUNTER, LEDGER),
    death(SERVED, "drops-a-process", "gauge/all-keeps-processes-apart", LEDGER),
    death(SERVED, "counts-a-process-twice", "summary/adds-up-across-workers", LEDGER),
    death(SERVED, "help-of-another-family", "gauge/min-and-max", "exposition/valid"),
    death(SERVED, "type-missing", COUNTER, LEDGER),
    death(SERVED, "sum-mode-as-max", "gauge/sums-across-workers", LEDGER),
    death(SERVED, "stale-cache", REPLACED, LEDGER),
    death(SERVED, "forgets-new-files", REPLACED, LEDGER),
    death(LEDGER, "loses-an-increment", COUNTER, SERVED),
    death(LEDGER, "doubles-an-increment", "histogram/buckets-add-up-across-workers", SERVED),
    death(LEDGER, "resets-on-restart", REPLACED, SERVED),
    death(LEDGER, "keeps-dead-live-gauges", LIVE_GAUGES, SERVED),
    death("scrape/bracketed", "drops-a-process", SCRAPES, LEDGER),
    death("scrape/bracketed", "stale-cache", SCRAPES, "scrape/monotonic"),
    death("scrape/monotonic", "goes-backwards", SCRAPES, LEDGER),
    death(SERVED, "values-as-f32", "summary/adds-up-across-workers", LEDGER),
    death("fleet/no-orphans", "outlives-its-supervisor", "lifecycle/ends-without-orphans", LEDGER),
];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = DEATHS.iter().map(trial).collect();
    trials.push(Trial::test("mutant/every-check-kills-one", || {
        let killing: BTreeSet<&str> = DEATHS.iter().map(|death| death.check).collect();
        let all: BTreeSet<&str> = check::ALL.iter().map(|check| check.id()).collect();
        same("checks", &killing, &all)
    }));
    trials.push(Trial::test("mutant/every-one-is-killed", || {
        let killed: BTreeSet<&str> = DEATHS.iter().map(|death| death.mutant).collect();
        let all: BTreeSet<&str> = mutant::ALL.iter().map(|mutant| mutant.name()).collect();
        same("mutants", &killed, &all)
    }));
    trials
}

fn same(what: &str, table: &BTreeSet<&str>, all: &BTreeSet<&str>) -> Result<(), Failed> {
    let (lacks, unknown): (Vec<_>, Vec<_>) =
        (all.difference(table).collect(), table.difference(all).collect());
    if lacks.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    Err(Failed::from(format!(
        "{what}: the table lacks {lacks:?}, and knows {unknown:?} that are none"
    )))
}

fn trial(death: &'static Death) -> Trial {
    let name = format!("mutant/{}/{}", death.check, death.mutant);
    Trial::test(name, move || {
        let played = reference().mutant(death.mutant).play(death.scenario)?;
        let verdict = played.report(death.scenario)?.verdict;
        let killed = matches!(
            played.judgement(death.scenario, death.check)?,
            Judgement::Fail { .. }
        );
        let held = matches!(
            played.judgement(death.scenario, death.holds)?,
            Judgement::Pass { .. }
        );
        match (verdict, killed, held) {
            (Verdict::Fail, true, true) => Ok(()),
            (Verdict::Fail, true, false) => Err(played.failure(&format!("{} does not hold", death.holds))),
            _ => Err(played.failure(&format!(
                "{} does not kill it, the verdict is {verdict}",
                death.check
            ))),
        }
    })
}
