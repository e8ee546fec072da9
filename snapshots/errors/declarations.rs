//! Scenarios and manifests that are wrong, and folders of scenarios.

use std::os::unix::fs::symlink;

use super::{QUICK, SCENARIO, Scene, manifest};

#[test]
fn a_scenario_that_is_wrong_is_shown_with_its_line_and_a_remedy() {
    let flaws = [
        ("unknown-key", "level = ", "levle = "),
        ("unknown-op", "\"sleep\"", "\"slep\""),
        ("unknown-key-of-an-op", "metric = \"jobs\",", "metrik = \"jobs\","),
        ("key-of-another-op", "ms = 5", "ms = 5, repeat = 2"),
        ("unknown-step", "wait = ", "await = "),
        ("unknown-check", "scrape/available", "scrape/avialable"),
        ("unknown-metric", "metric = \"jobs\"", "metric = \"job\""),
        ("op-that-does-not-fit", "op = \"inc\"", "op = \"set\", value = 1"),
        (
            "labels-that-do-not-fit",
            "labels = { queue = \"mail\" }",
            "labels = {}",
        ),
        ("missing-key", "title = \"Jobs add up\"\n", ""),
        ("wrong-type", "workers = 2", "workers = \"2\""),
        ("no-quotes", "workers = 2", "workers = two"),
        ("no-toml", "[fleet]", "[fleet"),
        ("key-twice", "workers = 2", "workers = 2\nworkers = 3"),
        ("no-check", "check = ", "wait = \"quiet\" # "),
    ];
    for (name, from, to) in flaws {
        assert!(SCENARIO.contains(from), "{from}");
        Scene::new()
            .with("mine/jobs/add-up.toml", SCENARIO.replacen(from, to, 1))
            .shows(&format!("scenario-{name}"), 70, "run --scenarios mine");
    }
}

#[test]
fn a_folder_that_holds_no_set_of_scenarios_is_refused() {
    let good = || Scene::new().with("mine/jobs/add-up.toml", SCENARIO);
    let run = "run --scenarios mine";
    Scene::new().shows("scenarios-no-folder", 2, run);
    Scene::new()
        .with("mine/README.md", "Nothing yet.")
        .shows("scenarios-none", 4, run);
    good()
        .with("mine/too-high.toml", SCENARIO)
        .shows("scenarios-too-high", 70, run);
    good().with("mine/jobs/deeper/too-deep.toml", SCENARIO).shows(
        "scenarios-too-deep",
        70,
        "list scenarios --scenarios mine",
    );
    good()
        .with("mine/jobs/Add Up.toml", SCENARIO)
        .shows("scenarios-no-id", 70, run);
    good()
        .with("mine/jobs/latin-1.toml", b"title = 'x'\nwhy = 'na\xefve'\n")
        .shows("scenarios-no-utf-8", 70, run);
    let scene = good();
    symlink("no-such-file", scene.path().join("mine/jobs/dangles.toml")).unwrap();
    scene.shows("scenarios-unreadable", 70, run);
}

#[test]
fn a_manifest_that_is_wrong_is_shown_with_its_line_and_a_remedy() {
    let good = manifest("['true']");
    let hook = "capabilities = [\"counter\"]\n\n[[hooks]]\ntype = \"counter\"\nmetric = \"seen\"\nhelp = \"Seen.\"\n";
    let flaws = [
        ("unknown-key", "homepage = ", "hompage = ".to_owned()),
        ("unknown-protocol", "protocol = 1", "protocol = 2".to_owned()),
        ("no-protocol", "protocol = 1\n", String::new()),
        ("unknown-capability", "\"counter\"", "\"counters\"".to_owned()),
        ("unknown-layout", "python-16", "python-17".to_owned()),
        (
            "wrong-type",
            "command = ['true']",
            "command = \"true\"".to_owned(),
        ),
        ("no-value", "version = \"1.0\"", "version = ".to_owned()),
        ("no-command", "command = ['true']", "command = []".to_owned()),
        (
            "unknown-outcome",
            "capabilities = [\"counter\"]\n",
            format!("{hook}on = [\"ok\", \"failure\"]\n"),
        ),
        (
            "key-of-another-hook",
            "capabilities = [\"counter\"]\n",
            format!("{hook}on = [\"ok\"]\nbuckets = [1.0]\n"),
        ),
    ];
    let run = format!("run {QUICK} --exporter manifest.toml");
    for (name, from, to) in flaws {
        assert!(good.contains(from), "{from}");
        Scene::new()
            .with("manifest.toml", good.replacen(from, &to, 1))
            .shows(&format!("manifest-{name}"), 2, &run);
    }
    Scene::new()
        .with("manifest.toml", b"name = 'na\xefve'\n")
        .shows("manifest-no-utf-8", 2, &run);
}

#[test]
fn a_baseline_that_is_wrong_is_shown_with_its_line_and_a_remedy() {
    let good = format!(
        "# Of third-party.\n[[known]]\nscenarios = [\"{QUICK}\"]\ncheck = \"scrape/equals-truth\"\nversions = \"<2\"\n\
         reason = \"It was always so.\"\n"
    );
    let flaws = [
        ("unknown-key", "versions", "version"),
        ("missing-key", "check = \"scrape/equals-truth\"\n", ""),
        ("no-range", "<2", "before 2"),
        ("no-scenario", &format!("\"{QUICK}\""), ""),
        ("no-reason", "It was always so.", ""),
        ("unknown-scenario", QUICK, "counter/sum-across-workers"),
        ("unknown-check", "scrape/equals-truth", "scrape/equal-truth"),
        (
            "check-that-is-not-asked-for",
            "scrape/equals-truth",
            "scrape/monotonic",
        ),
    ];
    let run = format!("run {QUICK} --exporter manifest.toml");
    for (name, from, to) in flaws {
        assert!(good.contains(from), "{from}");
        Scene::new()
            .with("manifest.toml", manifest("['true']"))
            .with("baseline.toml", good.replacen(from, to, 1))
            .shows(&format!("baseline-{name}"), 2, &run);
    }
    Scene::new()
        .with("baseline.toml", good)
        .shows("baseline-embedded", 2, "run --update-baseline");
}
