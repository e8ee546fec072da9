//! `counterfoil reduce`: a wrong merge becomes a fixture of as little as shows it.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use counterfoil::reduce::{Merge, reduce as reduce_until};
use counterfoil::replay::failing_files;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::{Counterfoil, stdout};

const GAUGES: &str = "gauge/min-and-max";

/// Words of what a run says of the fixture that it made by itself.
const MADE: &str =
    "fixture: 2 files, 2 entries (of 8 files, 8 entries) that are merged wrongly without a fleet";

/// A run of one scenario on a reference with a defect, and the scenario's folder.
fn failed(scenario: &str, mutant: &str) -> (Counterfoil, PathBuf) {
    let mut counterfoil = Counterfoil::run(&[scenario, "--mutant", mutant, "--out", "kept"]);
    counterfoil.exits(1);
    let kept = counterfoil.folder.path().join("kept");
    let run = fs::read_dir(kept).unwrap().next().unwrap().unwrap().path();
    (counterfoil, run.join(scenario.replace('/', "__")))
}

fn reduce(folder: &Path, more: &[&str]) -> Counterfoil {
    Counterfoil::new(&[&["reduce", folder.to_str().unwrap()], more].concat())
}

#[test]
fn a_gauge_that_is_merged_by_another_mode_needs_two_processes_and_a_value_of_each() {
    let (_counterfoil, folder) = failed(GAUGES, "gauge-min-as-sum");
    let mut reducing = reduce(&folder, &[]);
    let text = stdout(&reducing.exits(0).stderr(""));
    assert!(
        text.starts_with("before  8 files, 8 entries\nafter   2 files, 2 entries, "),
        "{text}"
    );
    let fixture = reducing.folder.path().join("fixture");
    let read = |name: &str| fs::read_to_string(fixture.join(name)).unwrap();
    assert_ne!(read("expected.txt"), read("served.txt"));
    assert!(
        read("README.md").contains("COUNTERFOIL_MUTANT=gauge-min-as-sum"),
        "{}",
        read("README.md")
    );
    // The merge of what is left is what the fixture says, and no client but the defective one serves anything else.
    let metrics = fixture.join("metrics");
    let metrics = metrics.to_str().unwrap();
    for merge in [vec!["merge", metrics], vec!["reference", "merge", metrics]] {
        assert_eq!(
            stdout(&Counterfoil::new(&merge).exits(0)),
            read("expected.txt"),
            "{merge:?}"
        );
    }
    // Nothing is written over.
    reducing.exits(2).stderr(contains("fixture is there already"));
    // Nor is anything left that could go.
    let command = ["--", "env", "COUNTERFOIL_MUTANT=gauge-min-as-sum"];
    let program = env!("CARGO_BIN_EXE_counterfoil");
    let command = [&command[..], &[program, "reference", "merge", "{metrics_dir}"]].concat();
    let text = stdout(&reduce(Path::new(metrics), &command).exits(0));
    assert!(
        text.starts_with("before  2 files, 2 entries\nafter   2 files, 2 entries, "),
        "{text}"
    );
}

#[test]
fn a_run_makes_the_fixture_of_a_wrong_merge_by_itself() {
    let mut counterfoil = Counterfoil::new(&["run", GAUGES, "--mutant", "gauge-min-as-sum", "--out", "kept"]);
    let text = stdout(&counterfoil.exits(1));
    assert!(text.contains(MADE), "{text}");
    let fixture = text
        .lines()
        .skip_while(|line| !line.contains(MADE))
        .nth(1)
        .unwrap();
    let expected = Path::new(fixture.trim()).join("expected.txt");
    assert!(fs::read_to_string(expected).unwrap().contains("# TYPE"), "{text}");
}

#[test]
fn a_search_that_is_ended_leaves_what_it_had() {
    let (_counterfoil, folder) = failed(GAUGES, "gauge-min-as-sum");
    let command = [
        env!("CARGO_BIN_EXE_counterfoil"),
        "reference",
        "merge",
        "{metrics_dir}",
    ];
    let merge = Merge {
        command: command.map(str::to_owned).to_vec(),
        env: vec![("COUNTERFOIL_MUTANT".to_owned(), "gauge-min-as-sum".to_owned())],
        run: None,
    };
    let files = failing_files(&folder).unwrap();
    let fixture = folder.join("ended");
    let reduced = reduce_until(&files, &merge, &fixture, &|_, _| ControlFlow::Break(())).unwrap();
    assert_eq!((reduced.after, reduced.exhausted), (reduced.before, false));
    // One merge shows that there is something to look for, one what is served of what is left.
    assert_eq!(reduced.merges, 2);
    assert!(fixture.join("expected.txt").is_file());
}

#[test]
fn what_the_files_alone_do_not_show_has_no_fixture() {
    let (_counterfoil, folder) = failed("death/worker-killed-and-replaced", "stale-cache");
    let mut reducing = reduce(&folder, &[]);
    reducing
        .exits(4)
        .stderr(contains("is right").and(contains("replay --again")));
    assert!(!reducing.folder.path().join("fixture").exists());
    let (_counterfoil, folder) = failed("counter/sums-across-workers", "loses-an-increment");
    reduce(&folder, &[])
        .exits(4)
        .stderr(contains("scrape/equals-truth did not fail"));
}

#[test]
fn a_merge_that_cannot_be_had_is_told() {
    let (_counterfoil, folder) = failed(GAUGES, "gauge-min-as-sum");
    let files = folder.join("metrics");
    reduce(&files, &[]).exits(2).stderr(contains("files] merge"));
    for (command, words) in [
        (vec!["no-such-program"], "no-such-program cannot be started"),
        (vec!["false"], "exit status: 1"),
        (vec!["sh", "-c", "echo >&2 of no use; exit 3"], "of no use"),
    ] {
        let command = [vec!["--"], command].concat();
        reduce(&files, &command).exits(3).stderr(contains(words));
    }
}
