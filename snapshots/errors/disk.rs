//! Places that cannot be written to, and disks that are full. `/dev/full` is one on every machine.

use std::fs::File;

use super::{QUICK, Scene};

#[test]
fn a_run_needs_a_place_that_can_be_written_to() {
    // Permissions do not keep root out, a file does.
    Scene::new().with("taken", "").shows(
        "disk-out-not-writable",
        3,
        &format!("run {QUICK} --broker embedded --out taken/runs"),
    );
}

#[test]
fn a_report_that_does_not_fit_on_the_disk_is_not_green() {
    let line = format!("run {QUICK} --broker embedded --junit /dev/full");
    Scene::new().shows("disk-full-junit", 3, &line);
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for (name, line) in [
        ("run", format!("run {QUICK} --broker embedded")),
        (
            "json",
            format!("run {QUICK} --broker embedded --message-format json"),
        ),
        ("list", "list".to_owned()),
    ] {
        let scene = Scene::new();
        let child = scene.start(&line, full().into());
        scene.ends(child, &format!("disk-full-stdout-{name}"), 3, &line);
    }
}

/// What does not conform is not hidden by a report that cannot be written.
#[test]
fn a_failure_outweighs_a_report_that_is_lost() {
    let scene = Scene::new();
    let line = format!("run {QUICK} --broker embedded --mutant serves-own-process");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let child = scene.start(&line, full.into());
    scene.ends(child, "disk-full-failure", 1, &line);
}
