//! `counterfoil merge` and `counterfoil inspect`, on files that the real client wrote.

use counterfoil::exposition::{openmetrics, text};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

use crate::encoder::{Directory, encode, padded};
use crate::{Counterfoil, fixtures, stdout};

#[test]
fn merged_text_is_read_back_without_a_finding() {
    for name in ["two-workers", "odd-corners"] {
        let dir = fixtures::unpacked(name);
        let dir = dir.path().to_str().unwrap();
        let body = stdout(&Counterfoil::new(&["merge", dir]).exits(0).stderr(""));
        assert_eq!(text::parse(body.as_bytes()).findings, [], "{name}");
        let body = stdout(
            &Counterfoil::new(&["merge", dir, "--format", "openmetrics"])
                .exits(0)
                .stderr(""),
        );
        assert_eq!(openmetrics::parse(body.as_bytes()).findings, [], "{name}");
    }
}

#[test]
fn merged_json_holds_every_processs_share() {
    let dir = fixtures::unpacked("two-workers");
    let dir = dir.path().to_str().unwrap();
    let text = stdout(
        &Counterfoil::new(&["merge", dir, "--format", "json"])
            .exits(0)
            .stderr(""),
    );
    let merged: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(merged["layout"], "python-16");
    let jobs = merged["families"]
        .as_array()
        .unwrap()
        .iter()
        .find(|family| family["name"] == "jobs")
        .unwrap();
    let sample = &jobs["outcomes"][0]["samples"][0];
    assert_eq!(
        (&sample["labels"]["queue"], &sample["value"]["exact"]),
        (&"mail".into(), &"21.0".into())
    );
    let shares: Vec<(&str, &str)> = sample["shares"].as_array().unwrap().iter().map(share).collect();
    assert_eq!(shares, [("101", "11.0"), ("102", "10.0")]);
}

fn share(share: &Value) -> (&str, &str) {
    (share["pid"].as_str().unwrap(), share["value"].as_str().unwrap())
}

#[test]
fn a_sound_file_is_explained_entry_by_entry() {
    let dir = fixtures::unpacked("two-workers");
    let file = dir.path().join("counter_102.db");
    let assert = Counterfoil::new(&["inspect", file.to_str().unwrap()])
        .exits(0)
        .stderr("");
    let header = contains("layout   python-16").and(contains("entries  2"));
    assert.stdout(header.and(contains(
        "jobs_total{queue=\"report\"}  family \"jobs\", help \"Jobs done.\"",
    )));
}

#[test]
fn a_corrupt_file_is_shown_with_the_byte_at_which_it_breaks() {
    let dir = fixtures::unpacked("two-workers");
    let file = dir.path().join("counter_102.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let second = bytes.windows(6).rposition(|window| window == b"report").unwrap();
    bytes[second] = 0xff;
    std::fs::write(&file, bytes).unwrap();
    let assert = Counterfoil::new(&["inspect", file.to_str().unwrap()]).exits(1);
    // The first entry is shown, then the place, then the bytes around it.
    assert
        .stdout(
            contains("entries  1")
                .and(contains("breaks at byte 88"))
                .and(contains("\n>")),
        )
        .stderr("");
}

#[test]
fn a_file_of_any_layout_is_explained_entry_by_entry() {
    for (layout, first, second, help) in [
        (
            "python-8",
            r#"["a", "a_total", {"q": "x"}, "H."]"#,
            r#"["b", "b_total", {}, "H."]"#,
            "H.",
        ),
        (
            "python-3key",
            r#"["a", "a_total", {"q": "x"}]"#,
            r#"["b", "b_total", {}]"#,
            "Multiprocess metric",
        ),
        (
            "gitlab-ruby",
            r#"["a","a_total",["q"],["x"]]"#,
            r#"["b","b_total",[],[]]"#,
            "Multiprocess metric",
        ),
    ] {
        let entries = [(first.to_owned(), 1.5, 0.0), (second.to_owned(), 2.5, 0.0)];
        let second_at = encode(&entries[..1], 8).len();
        let directory = Directory::new().with_bytes("counter_1.db", &padded(&encode(&entries, 8)));
        let file = directory.path().join("counter_1.db");
        let assert = Counterfoil::new(&["inspect", file.to_str().unwrap()]).exits(0);
        let header = contains(format!("layout   {layout}\n")).and(contains("entries  2"));
        let shown = contains(format!("       8  1.5                      0.0                 a_total{{q=\"x\"}}  family \"a\", help \"{help}\""))
            .and(contains(format!("{second_at:>8}  2.5 ")));
        assert.stdout(header.and(shown)).stderr("");
    }
}
