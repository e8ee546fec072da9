//! `counterfoil init`: an adapter that works before anything in it is changed.

use std::fs;

use predicates::str::contains;

use crate::{Counterfoil, QUICK, stdout};

#[test]
fn an_adapter_that_was_begun_passes_under_its_own_name() {
    let mut init = Counterfoil::new(&["init", "adapters/mine", "--like", "reference"]);
    init.exits(3).stderr(contains("cannot write adapters/mine"));
    fs::create_dir(init.folder.path().join("adapters")).unwrap();
    let text = stdout(&init.exits(0).stderr(""));
    assert!(text.contains("  manifest.toml\n"), "{text}");
    assert!(
        text.contains("counterfoil run counter/ --exporter adapters/mine"),
        "{text}"
    );
    let dir = init.folder.path().join("adapters");
    let only: Vec<_> = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(only, ["mine"]);
    let mine = dir.join("mine");
    let mut run = Counterfoil::run(&[QUICK, "--exporter", mine.to_str().unwrap()]);
    let text = stdout(&run.exits(0));
    assert!(text.contains("mine@0.1.0"), "{text}");
}

#[test]
fn the_workflow_to_copy_judges_the_adapter_that_init_makes() {
    let workflow = include_str!("../../../ci/conformance-workflow.yml");
    let command = workflow
        .split("run: counterfoil ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let mut init = Counterfoil::new(&["init", "adapter", "--like", "reference"]);
    init.exits(0);
    let words: Vec<&str> = command
        .split_whitespace()
        .chain([QUICK, "--broker", "embedded"])
        .collect();
    let mut run = Counterfoil::new(&words);
    fs::rename(
        init.folder.path().join("adapter"),
        run.folder.path().join("adapter"),
    )
    .unwrap();
    let text = stdout(&run.exits(0));
    assert!(text.contains("1 pass"), "{text}");
    for kept in ["conformance.xml", "counterfoil.out"] {
        assert!(
            run.folder.path().join(kept).exists() && workflow.contains(kept),
            "{kept}"
        );
    }
}

#[test]
fn what_is_there_stays_as_it_is() {
    let mut init = Counterfoil::new(&["init", "mine"]);
    let mine = init.folder.path().join("mine");
    fs::create_dir(&mine).unwrap();
    init.exits(2).stdout("").stderr(contains("mine is there already"));
    assert_eq!(fs::read_dir(&mine).unwrap().count(), 0);
    fs::remove_dir(&mine).unwrap();
    init.exits(0);
    assert!(mine.join("counterfoil_workload.py").is_file());
    init.exits(2).stderr(contains("nothing is written over"));
}

#[test]
fn a_name_that_is_none_and_an_exporter_that_is_not_there_are_refused() {
    for name in ["..", "my exporter", ".hidden"] {
        Counterfoil::new(&["init", name])
            .exits(2)
            .stderr(contains("does not end in the name of an exporter"));
    }
    Counterfoil::new(&["init", "mine", "--like", "taskik"])
        .exits(2)
        .stderr(contains("did you mean `taskiq`"));
}
