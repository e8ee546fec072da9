//! What an exporter is known to fail: listed, stale, out of range, and brought up to date.

use std::fs;
use std::path::Path;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use tempfile::TempDir;

use crate::{Counterfoil, QUICK, stdout};

/// The reference as a third party's exporter, of version 2.1, with a defect or without.
fn acme(folder: &Path, mutant: &str) {
    let reference = counterfoil_reference::MANIFEST.replace("name = \"reference\"", "name = \"acme\"");
    let reference = reference.replace("version = \"0.1.0\"", "version = \"2.1\"");
    let defect = format!("ready_deadline_ms = 10000\nenv = {{ COUNTERFOIL_MUTANT = \"{mutant}\" }}\n");
    let text = match mutant {
        "" => reference,
        _ => reference.replace("ready_deadline_ms = 10000\n", &defect),
    };
    assert!(text.contains("\"acme\"") && text.contains("\"2.1\"") && text.contains(mutant));
    fs::write(folder.join("manifest.toml"), text).unwrap();
}

/// An adapter's folder whose exporter serves one process of several.
fn defective() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    acme(folder.path(), "serves-own-process");
    folder
}

/// A run of [`QUICK`] on the exporter in that folder, kept in the folder.
fn run(folder: &Path, arguments: &[&str]) -> Counterfoil {
    let (manifest, out) = (folder.join("manifest.toml"), folder.join("kept"));
    let (manifest, out) = (manifest.to_str().unwrap(), out.to_str().unwrap());
    drop(fs::remove_dir_all(out));
    Counterfoil::run(&[&[QUICK, "--exporter", manifest, "--out", out], arguments].concat())
}

/// A baseline that lists one check in one scenario.
fn listing(scenario: &str, check: &str, versions: &str) -> String {
    format!(
        "[[known]]\nscenarios = [\"{scenario}\"]\ncheck = \"{check}\"\nversions = \"{versions}\"\nreason = \"It was always so.\"\n"
    )
}

fn list(folder: &Path, text: &str) {
    fs::write(folder.join("baseline.toml"), text).unwrap();
}

/// The run that was kept, judged again.
fn replayed(folder: &Path) -> Counterfoil {
    let kept = fs::read_dir(folder.join("kept")).unwrap().next().unwrap();
    Counterfoil::new(&["replay", kept.unwrap().path().to_str().unwrap()])
}

#[test]
fn what_is_listed_and_fails_is_a_known_failure_also_when_it_is_judged_again() {
    let folder = defective();
    run(folder.path(), &[]).exits(1);
    list(folder.path(), &listing(QUICK, "scrape/equals-truth", "<3"));
    let shown = contains("known-fail").and(contains("It was always so."));
    let shown = shown
        .and(contains("1 planned, 1 judged, 1 exercised"))
        .and(contains("baseline.toml"));
    run(folder.path(), &[]).exits(0).stdout(shown).stderr("");
    replayed(folder.path())
        .exits(0)
        .stdout(contains("2 kept: 2 judged the same"));
    let rerun = contains("--no-baseline");
    run(folder.path(), &["--no-baseline"])
        .exits(1)
        .stdout(rerun.and(contains("baseline.toml").not()));
}

#[test]
fn what_is_listed_and_holds_is_stale_and_fails_also_when_it_is_judged_again() {
    let folder = tempfile::tempdir().unwrap();
    acme(folder.path(), "");
    list(folder.path(), &listing(QUICK, "scrape/equals-truth", "<3"));
    let shown = contains("stale baseline: it lists as failing what holds: scrape/equals-truth");
    run(folder.path(), &[])
        .exits(1)
        .stdout(shown.clone().and(contains("what to do: ")));
    replayed(folder.path())
        .exits(1)
        .stdout(shown.and(contains("2 kept: 2 judged the same")));
}

#[test]
fn an_entry_of_other_versions_scenarios_or_checks_excuses_nothing() {
    let folder = defective();
    for entry in [
        listing(QUICK, "scrape/equals-truth", "<2.1"),
        listing("gauge/min-and-max", "scrape/equals-truth", "<3"),
        listing(QUICK, "truth/readable", "<2.1"),
    ] {
        list(folder.path(), &entry);
        run(folder.path(), &[])
            .exits(1)
            .stdout(contains("stale").not().and(contains("1 fail")));
    }
    // What was not chosen is not missed.
    acme(folder.path(), "");
    list(
        folder.path(),
        &listing("gauge/min-and-max", "scrape/equals-truth", "<3"),
    );
    run(folder.path(), &[]).exits(0);
}

#[test]
fn a_baseline_is_brought_up_to_date() {
    let folder = defective();
    let update = ["--update-baseline"];
    let added =
        contains("1 added, 0 taken out").and(contains(format!("added      {QUICK}: scrape/equals-truth")));
    run(folder.path(), &update).exits(1).stderr(added);
    run(folder.path(), &[])
        .exits(2)
        .stderr(contains("a known failure without a reason"));
    let file = folder.path().join("baseline.toml");
    let text = fs::read_to_string(&file).unwrap();
    let explained = format!(
        "# Of acme.\n\n{}",
        text.replace("reason = \"\"", "reason = \"So it is.\"")
    );
    list(folder.path(), &explained);
    run(folder.path(), &update)
        .exits(0)
        .stderr(contains("baseline.toml is up to date"));
    assert_eq!(fs::read_to_string(&file).unwrap(), explained);
    acme(folder.path(), "");
    run(folder.path(), &update)
        .exits(1)
        .stderr(contains("0 added, 1 taken out"));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("# Of acme.") && !text.contains(QUICK), "{text}");
    run(folder.path(), &[]).exits(0);
}

#[test]
fn what_cannot_be_updated_is_refused_before_anything_is_played() {
    for exporter in ["reference", "taskiq"] {
        let mut counterfoil = Counterfoil::run(&[QUICK, "--exporter", exporter, "--update-baseline"]);
        let text = stdout(&counterfoil.exits(2).stderr(contains("is part of this program")));
        assert_eq!(text, "", "{exporter}");
    }
}
