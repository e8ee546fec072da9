//! Exit code 2 (usage), and help; what is said of each mistake is in `snapshots/`.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::{Counterfoil, QUICK, acme};

#[test]
fn an_unknown_command_or_option_is_a_usage_error() {
    for wrong in [
        &["frobnicate"][..],
        &[],
        &["run", "--nonsense"],
        &["run", "--repeat", "0"],
        &["run", "--shard", "3/2"],
        &["run", "--property", "0"],
        &["run", "--property", "3", QUICK],
        &["run", "--property", "3", "--scenarios", "mine"],
        &["run", "--property", "3", "--shard", "1/2"],
        &["run", "--requirements", "1", "--scenarios", "mine"],
        &["run", "--requirements", "1", "--property", "3"],
        &["run", "--update-baseline", "--no-baseline"],
    ] {
        Counterfoil::new(wrong)
            .exits(2)
            .stdout("")
            .stderr(contains("Usage").or(contains("error")));
    }
}

#[test]
fn help_and_version_are_results_on_stdout() {
    Counterfoil::new(&["--help"])
        .exits(0)
        .stdout(contains("run").and(contains("inspect")))
        .stderr("");
    Counterfoil::new(&["--version"])
        .exits(0)
        .stdout(contains(env!("CARGO_PKG_VERSION")))
        .stderr("");
}

#[test]
fn an_unknown_mutant_is_a_usage_error_that_names_the_known_ones() {
    let mut counterfoil = Counterfoil::run(&[QUICK, "--mutant", "no-such-mutant"]);
    counterfoil
        .exits(2)
        .stdout("")
        .stderr(contains("no-such-mutant").and(contains("serves-own-process")));
}

#[test]
fn a_folder_that_would_be_taken_for_a_version_is_refused() {
    let mut counterfoil = Counterfoil::run(&[QUICK, "--exporter", "taskiq@checkout"]);
    std::fs::create_dir(counterfoil.folder.path().join("checkout")).unwrap();
    counterfoil
        .exits(2)
        .stdout("")
        .stderr(contains("\"checkout\" is a path here").and(contains("taskiq@./checkout")));
}

#[test]
fn a_checkout_that_wants_other_than_the_lock_pins_names_both() {
    let run = [
        "run",
        "--broker",
        "embedded",
        QUICK,
        "--exporter",
        "acme/manifest.toml@./checkout",
    ];
    let mut counterfoil = acme::counterfoil(&run, &acme::installed(&acme::manifest("")))
        .with_file("acme/locks/2.0.txt", "acme==2.0\nfriend-of-acme==3.1\n")
        .with_file("checkout/setup.py", "");
    let said = contains("./checkout cannot be installed: uv pip install: exit status: 1")
        .and(contains("locks/2.0.txt pins"))
        .and(contains("install.log"));
    counterfoil.exits(3).stdout("").stderr(said);
}
