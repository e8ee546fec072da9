//! Command lines that cannot be meant.

use super::{QUICK, Scene};

#[test]
fn a_word_that_is_not_known_is_answered_with_those_that_are() {
    let lines = [
        ("unknown-command", "rnu"),
        ("unknown-option", "run --exporters taskiq"),
        ("unknown-broker", "run --broker rabbit"),
        ("broker-url", "run --broker redis://"),
        ("unknown-fleet", "run --fleet pods"),
        ("broker-out-of-reach", "run --fleet container --broker embedded"),
        ("unknown-exporter", "run --broker embedded --exporter taskig"),
        ("no-version-of-the-reference", "run --exporter reference@0.0.9"),
        ("no-checkout", "run --exporter taskiq@/no/such/path"),
        ("no-shard", "run --shard 3/2"),
        ("no-requirement-set", "run --requirements 99"),
        ("property-and-filter", "run --property 3 counter/"),
        ("merge-protobuf", "merge metrics --format protobuf"),
        ("merge-unknown-format", "merge metrics --format xml"),
        ("no-url", "diff --dir . --url localhost:9000/metrics"),
        ("https-url", "diff --dir . --url https://127.0.0.1/metrics"),
    ];
    for (name, line) in lines {
        Scene::new().shows(&format!("usage-{name}"), 2, line);
    }
}

#[test]
fn what_chooses_nothing_is_not_green() {
    Scene::new().shows("usage-filter-of-nothing", 4, "run counter/sum-across-workers");
    Scene::new().shows("usage-one-filter-of-nothing", 4, &format!("run {QUICK} gauges/"));
    Scene::new().shows("usage-list-of-nothing", 4, "list scenarios gauges/");
    let shards = (1..=2).map(|share| format!("run {QUICK} --broker embedded --shard {share}/2"));
    let empty = shards.filter(|line| {
        let output = Scene::new().start(line, std::process::Stdio::piped());
        output.wait_with_output().unwrap().status.code() == Some(4)
    });
    let [line] = &empty.collect::<Vec<_>>()[..] else {
        panic!("one scenario belongs to one of two shards")
    };
    Scene::new().shows("usage-empty-shard", 4, line);
}
