//! Adapters of a third party that are wrong: in their manifest (2), or in what they start (3).

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::{Counterfoil, QUICK};

/// A manifest whose workers are started by `command`.
fn manifest(command: &str) -> String {
    format!(
        r#"protocol = 1
name = "third-party"
homepage = "https://example.org"
version = "1.0"
capabilities = ["counter"]

[workers]
command = {command}
ready_deadline_ms = 300

[queue]
format = "plain-list"

[scrape]
url = "http://127.0.0.1:{{metrics_port}}/metrics"

[files]
layout = "python-16"
"#
    )
}

fn with_manifest(text: &str) -> Counterfoil {
    Counterfoil::run(&[QUICK, "--exporter", "manifest.toml"]).with_file("manifest.toml", text)
}

#[test]
fn a_malformed_manifest_is_shown_with_line_and_column() {
    let broken = manifest("['true']").replace("version = \"1.0\"", "version = ");
    with_manifest(&broken)
        .exits(2)
        .stdout("")
        .stderr(contains("manifest.toml:4:").and(contains("version =")));
}

#[test]
fn a_key_that_the_protocol_does_not_know_is_shown_with_line_and_column() {
    let broken = manifest("['true']").replace("homepage", "homepag");
    with_manifest(&broken)
        .exits(2)
        .stderr(contains("manifest.toml:3:1").and(contains("PROTOCOL.md")));
}

#[test]
fn a_manifest_of_another_protocol_is_refused() {
    let later = manifest("['true']").replace("protocol = 1", "protocol = 2");
    with_manifest(&later)
        .exits(2)
        .stderr(contains("protocol 2 is not spoken here").and(contains("speaks protocol 1")));
}

#[test]
fn a_command_that_does_not_exist_could_not_be_judged() {
    let assert = with_manifest(&manifest("['no-such-program-here']")).exits(3);
    assert.stdout(contains("cannot start no-such-program-here").and(contains("1 inconclusive")));
}

#[test]
fn a_command_that_ends_at_once_could_not_be_judged_and_its_last_line_is_shown() {
    let assert = with_manifest(&manifest("['sh', '-c', 'echo giving up; exit 9']")).exits(3);
    assert.stdout(contains("the fleet ended before").and(contains("its last line: giving up")));
}

#[test]
fn a_command_that_never_listens_could_not_be_judged_and_the_deadline_is_named() {
    let assert = with_manifest(&manifest("['sleep', '60']")).exits(3);
    assert.stdout(contains("did not happen within 300 ms").and(contains("none listens")));
}
