//! Exporters that cannot be had, and workers that do not keep to the protocol.

use super::{QUICK, SCENARIO, Scene, manifest, reference_command};

const RUN: &str = "run --broker embedded --scenarios mine --exporter manifest.toml";

/// A third party's exporter, which the scenario of the author's own is played on.
fn third_party(command: &str) -> Scene {
    // The reference takes longer than an exporter that never listens is given.
    let patient = manifest(command).replace("ready_deadline_ms = 300", "ready_deadline_ms = 10000");
    Scene::new()
        .with("manifest.toml", patient)
        .with("mine/jobs/add-up.toml", SCENARIO)
}

#[test]
fn a_python_exporter_needs_python() {
    let line = format!("run {QUICK} --broker embedded --exporter taskiq");
    Scene::new().env("PATH", "").shows("exporter-no-python", 3, &line);
    Scene::new()
        .env("COUNTERFOIL_PYTHON", "/no/python")
        .shows("exporter-no-such-python", 3, &line);
}

#[test]
fn no_programs_are_made_up_for_an_exporter_without_metrics() {
    let bare = manifest("['true']").replace("capabilities = [\"counter\"]", "capabilities = [\"gzip\"]");
    let line = "run --property 3 --broker embedded --exporter manifest.toml";
    Scene::new()
        .with("manifest.toml", bare)
        .shows("exporter-without-metrics", 4, line);
}

/// Its program declares another metric than the task asks for.
#[test]
fn a_worker_refuses_a_task() {
    let program = r#"{"protocol": 1, "tasks": ["mail"], "metrics": []}"#;
    let text = manifest(&reference_command("")).replace(
        "ready_deadline_ms = 300\n",
        "ready_deadline_ms = 10000\nenv = { COUNTERFOIL_PROGRAM = \"{adapter_dir}/older.json\" }\n",
    );
    // Of two workers either might be the first.
    let alone = SCENARIO
        .replace("workers = 2", "workers = 1")
        .replace("mail = 20 }, min_pids = 2", "mail = 1 }");
    third_party("['true']")
        .with("manifest.toml", text)
        .with("mine/jobs/add-up.toml", alone)
        .with("older.json", program)
        .shows("exporter-refuses-a-task", 3, RUN);
}

#[test]
fn a_worker_acknowledges_what_is_no_acknowledgement() {
    let acknowledges = |line: &str| {
        let script = format!("echo '{line}' >> \\\"$COUNTERFOIL_ACKS\\\"; exec \\\"$@\\\"");
        third_party(&reference_command(&format!(r#""sh", "-c", "{script}", "sh", "#)))
    };
    acknowledges("mail done").shows("exporter-acknowledges-rubbish", 3, RUN);
    acknowledges(r#"{\"task\": \"jobs/add-up#999\", \"pid\": 7, \"outcome\": \"ok\"}"#).shows(
        "exporter-acknowledges-what-nobody-asked",
        3,
        RUN,
    );
}

/// What it writes is read, and judged by nobody.
#[test]
fn the_files_are_of_another_layout_than_the_manifest_says() {
    let text = manifest(&reference_command(""))
        .replace("ready_deadline_ms = 300", "ready_deadline_ms = 10000")
        .replace("layout = \"python-16\"", "layout = \"gitlab-ruby\"");
    third_party("['true']")
        .with("manifest.toml", text)
        .shows("exporter-another-layout", 3, RUN);
}
