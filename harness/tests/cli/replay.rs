//! `counterfoil replay`: a kept run is judged again, wherever it lies.

use std::fs;
use std::path::{Path, PathBuf};

use predicates::str::contains;

use crate::{Counterfoil, QUICK, stdout};

/// A run of one scenario in which the endpoint serves one process, and its folder.
fn failed() -> (Counterfoil, PathBuf) {
    let mut counterfoil = Counterfoil::run(&[QUICK, "--mutant", "serves-own-process", "--out", "kept"]);
    counterfoil.exits(1);
    let kept = counterfoil.folder.path().join("kept");
    let run = fs::read_dir(kept).unwrap().next().unwrap().unwrap().path();
    (counterfoil, run)
}

fn replay(run: &Path, arguments: &[&str]) -> Counterfoil {
    let run = run.to_str().unwrap();
    Counterfoil::new(&[&["replay", run], arguments].concat())
}

#[test]
fn a_kept_run_is_judged_the_same_also_where_it_was_moved_to() {
    let (counterfoil, run) = failed();
    let text = stdout(&replay(&run, &[]).exits(1).stderr(""));
    assert!(text.contains("1 kept: 1 judged the same, 0 otherwise"), "{text}");
    assert!(
        text.contains("FAIL  counter/sums-across-workers: the endpoint serves one process of 2"),
        "{text}"
    );
    let moved = counterfoil.folder.path().join("moved");
    fs::rename(&run, &moved).unwrap();
    let scenario = moved.join("counter__sums-across-workers");
    for place in [&moved, &scenario] {
        replay(place, &[])
            .exits(1)
            .stdout(contains("1 kept: 1 judged the same"));
    }
}

#[test]
fn evidence_that_was_changed_is_judged_otherwise() {
    let (_counterfoil, run) = failed();
    let body = run.join("counter__sums-across-workers/scrape-001/body");
    let text = fs::read_to_string(&body).unwrap();
    fs::write(&body, text.replace("# TYPE jobs_total counter\n", "")).unwrap();
    let text = stdout(&replay(&run, &[]).exits(70));
    assert!(text.contains("OTHERWISE  counter/sums-across-workers"), "{text}");
    assert!(text.contains("1 kept: 0 judged the same, 1 otherwise"), "{text}");
}

#[test]
fn what_is_not_whole_or_no_kept_run_is_told() {
    let (counterfoil, run) = failed();
    let scenario = run.join("counter__sums-across-workers");
    fs::write(scenario.join("plan.json"), "{\"seed\": 0, \"tasks\": []}").unwrap();
    replay(&run, &[])
        .exits(3)
        .stderr(contains("plan.json does not have its task"));
    fs::remove_file(scenario.join("scrape-001/response.json")).unwrap();
    fs::write(scenario.join("accounts-03.json"), "{").unwrap();
    replay(&run, &[])
        .exits(3)
        .stderr(contains("accounts-03.json is not what a run keeps"));
    fs::remove_file(scenario.join("accounts-03.json")).unwrap();
    fs::remove_file(scenario.join("report.json")).unwrap();
    replay(&run, &[]).exits(3).stderr(contains("report.json"));
    replay(counterfoil.folder.path(), &[])
        .exits(4)
        .stderr(contains("holds no kept scenario"));
}

#[test]
fn a_kept_scenario_is_played_again_as_it_was() {
    let (counterfoil, run) = failed();
    let scenario = run.join("counter__sums-across-workers");
    let again = ["--again", "--broker", "embedded"];
    let text = stdout(&replay(&scenario, &again).exits(1));
    assert!(
        text.contains(
            "run it alone: counterfoil run counter/sums-across-workers --mutant serves-own-process"
        ),
        "{text}"
    );
    // A scenario that is not this release's is kept beside it.
    let file = scenario.join("scenario.toml");
    let changed = fs::read_to_string(&file)
        .unwrap()
        .replace("mail = 20", "mail = 21");
    fs::write(&file, changed).unwrap();
    let text = stdout(&replay(&scenario, &again).exits(1));
    assert!(text.contains("again"), "{text}");
    drop(counterfoil);
}

#[test]
fn of_several_pods_each_is_judged_again_by_its_own_accounts() {
    let scenario = "isolation/pods-on-one-queue";
    let mut counterfoil = Counterfoil::run(&[scenario, "--mutant", "drops-a-process", "--out", "kept"]);
    counterfoil.exits(1);
    let kept = counterfoil.folder.path().join("kept");
    let run = fs::read_dir(kept).unwrap().next().unwrap().unwrap().path();
    let text = stdout(&replay(&run, &[]).exits(1).stderr(""));
    assert!(text.contains("1 kept: 1 judged the same, 0 otherwise"), "{text}");
    assert!(
        text.contains("pod 2: the endpoint serves one process of 2"),
        "{text}"
    );
    let body = run.join("isolation__pods-on-one-queue/pod-2/scrape-001/body");
    let text = fs::read_to_string(&body).unwrap();
    fs::write(&body, text.replace("# TYPE jobs_total counter\n", "")).unwrap();
    replay(&run, &[])
        .exits(70)
        .stdout(contains("1 kept: 0 judged the same, 1 otherwise"));
}
