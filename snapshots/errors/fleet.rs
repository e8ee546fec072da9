//! Fleets that do not come up, and one that is interrupted.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use super::{QUICK, Scene, manifest, slow};

#[test]
fn a_fleet_that_does_not_come_up_cannot_be_judged() {
    let commands = [
        ("missing-program", "['no-such-program-here']"),
        ("ends-at-once", "['sh', '-c', 'echo giving up; exit 9']"),
        ("never-listens", "['sleep', '60']"),
        (
            "listens-elsewhere",
            "['{counterfoil}', 'reference', 'serve', '{metrics_dir}', '--listen', '127.0.0.1:0']",
        ),
    ];
    let run = format!("run {QUICK} --broker embedded --exporter manifest.toml");
    for (name, command) in commands {
        let text = manifest(command);
        // Time enough to listen anywhere, and no more than a test has.
        let text = match name {
            "listens-elsewhere" => text.replace("ready_deadline_ms = 300", "ready_deadline_ms = 3000"),
            _ => text,
        };
        Scene::new()
            .with("manifest.toml", text)
            .shows(&format!("fleet-{name}"), 3, &run);
    }
    let text = manifest("['true']").replace("[queue]", "cwd = '{adapter_dir}/worker'\n\n[queue]");
    Scene::new()
        .with("manifest.toml", text)
        .shows("fleet-no-folder", 3, &run);
}

#[test]
fn an_interrupted_run_says_where_that_is_which_it_had_judged() {
    let scene = Scene::new().with("mine/jobs/add-up.toml", slow());
    let line = "run --broker embedded --scenarios mine";
    let child = scene.start(line, Stdio::piped());
    scene.has_dispatched();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    scene.ends(child, "fleet-interrupted", 3, line);
}
