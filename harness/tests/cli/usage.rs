//! Exit codes 2 (usage) and 4 (nothing matched), before anything is started.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::{Counterfoil, QUICK};

#[test]
fn an_unknown_command_or_option_is_a_usage_error() {
    for wrong in [
        &["frobnicate"][..],
        &[],
        &["run", "--nonsense"],
        &["run", "--repeat", "0"],
        &["run", "--shard", "3/2"],
    ] {
        Counterfoil::new(wrong)
            .exits(2)
            .stdout("")
            .stderr(contains("Usage").or(contains("error")));
    }
}

#[test]
fn an_unknown_broker_is_a_usage_error_that_names_the_known_ones() {
    let mut counterfoil = Counterfoil::new(&["run", QUICK, "--broker", "rabbit"]);
    counterfoil
        .exits(2)
        .stdout("")
        .stderr(contains("\"rabbit\" is no broker").and(contains("embedded")));
}

#[test]
fn an_unknown_exporter_is_a_usage_error_that_names_the_known_ones() {
    let mut counterfoil = Counterfoil::run(&[QUICK, "--exporter", "nonesuch"]);
    counterfoil
        .exits(2)
        .stdout("")
        .stderr(contains("no exporter \"nonesuch\"").and(contains("taskiq")));
}

#[test]
fn a_filter_that_matches_nothing_is_not_green() {
    Counterfoil::run(&["no-such-scenario"])
        .exits(4)
        .stdout("")
        .stderr(contains("no scenario matches"));
    Counterfoil::new(&["list", "scenarios", "no-such-scenario"])
        .exits(4)
        .stdout("");
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
