//! What must fail does: the canaries under `cargo test`, and a self-test of which the mutants do not die as declared.

use std::path::Path;

use counterfoil::report::{ExitStatus, Judgement, Silent, Verdict};
use counterfoil::run::Interrupt;
use counterfoil::scenario::{Catalogue, Scenario};
use counterfoil::self_test::{Death, Fate, Matrix, Plan, self_test};
use counterfoil::testing::SuiteError;
use libtest_mimic::{Failed, Trial};

use crate::site::reference;

const COUNTER: &str = "counter/sums-across-workers";

pub(crate) fn trials() -> Result<Vec<Trial>, SuiteError> {
    let catalogue = Catalogue::embedded()?;
    let mut trials: Vec<Trial> = catalogue.canaries().map(canary).collect();
    trials.push(Trial::test(
        "self-test/a-mutant-that-does-not-die-as-declared-is-told",
        || {
            let folder = tempfile::tempdir()?;
            let matrix = played(folder.path())?;
            let fates: Vec<&Fate> = matrix.mutants.iter().map(|cell| &cell.fate).collect();
            let [
                Fate::Killed,
                Fate::Survived,
                Fate::OtherReason { .. },
                Fate::OtherReason { .. },
            ] = fates[..]
            else {
                return Err(Failed::from(format!("{fates:?}")));
            };
            let drawn = std::fs::read_to_string(kept(folder.path())?.join("matrix.txt"))?;
            let canaries = Catalogue::embedded()?.canaries().count();
            let told = [
                "● kills it, as declared",
                "SURVIVES  buckets-off-by-one in counter/sums-across-workers",
                "ANOTHER REASON  status-500",
                "HOLE  scrape/bracketed kills no mutant",
                &format!("{canaries} of {canaries} fail, as they must"),
            ];
            let untold = told.iter().find(|words| !drawn.contains(**words));
            match (untold, matrix.exit()) {
                (None, ExitStatus::Nonconformant) => Ok(()),
                (untold, exit) => Err(Failed::from(format!("{untold:?}, {exit:?}:\n{drawn}"))),
            }
        },
    ));
    Ok(trials)
}

/// A scenario that must fail, by the check that it declares and by no other.
fn canary(scenario: &Scenario) -> Trial {
    let id = scenario.id.clone();
    let check = scenario
        .canary
        .as_ref()
        .map(|check| check.get_ref().clone())
        .unwrap_or_default();
    Trial::test(format!("canary/{id}"), move || {
        let played = reference().play(&id)?;
        let report = played.report(&id)?;
        let is_as_it_must_be = |judged: &counterfoil::report::CheckReport| match judged.judgement {
            Judgement::Fail { .. } => judged.check == check,
            Judgement::Pass { .. } => judged.check != check,
            Judgement::Inconclusive { .. } => false,
        };
        match report.verdict == Verdict::Fail && report.checks.iter().all(is_as_it_must_be) {
            true => Ok(()),
            false => Err(played.failure(&format!("{check} and nothing else must fail"))),
        }
    })
}

/// Four deaths, of which one is as declared.
fn played(folder: &Path) -> Result<Matrix, Failed> {
    let death = |mutant: &str, check: &str, because: &str| Death {
        mutant: mutant.to_owned(),
        scenario: COUNTER.to_owned(),
        check: check.to_owned(),
        because: because.to_owned(),
        also: Vec::new(),
    };
    let plan = Plan {
        deaths: vec![
            death("serves-own-process", "scrape/equals-truth", "one process of 2"),
            death("buckets-off-by-one", "scrape/equals-truth", ""),
            death("loses-an-increment", "scrape/equals-truth", ""),
            death("status-500", "scrape/available", "status 404"),
        ],
        only: Vec::new(),
        full: false,
    };
    let settings = reference().settings_in(folder)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let matrix = runtime.block_on(self_test(Interrupt::never(), &settings, &plan, &mut Silent));
    matrix.map_err(|error| Failed::from(error.with_causes()))
}

/// The folder of the one run below `out`.
fn kept(out: &Path) -> Result<std::path::PathBuf, Failed> {
    let run = std::fs::read_dir(out)?.next().ok_or("no run was kept")?;
    Ok(run?.path())
}
