//! Files that are too much, and files that are meant to do harm.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, symlink};
use std::path::Path;
use std::process::Command;

use counterfoil_reference::layout::encode_entry;

use crate::{Sidecar, count, eventually};

/// A file of these entries, as whoever likes could write it.
fn write(path: &Path, keys: impl IntoIterator<Item = String>) {
    let mut bytes = vec![0; 8];
    for key in keys {
        bytes.extend(encode_entry(key.as_bytes()));
    }
    let used = i32::try_from(bytes.len()).unwrap();
    bytes[..4].copy_from_slice(&used.to_ne_bytes());
    fs::write(path, bytes).unwrap();
}

#[test]
fn beyond_the_limit_of_bytes_nothing_is_served_and_that_is_told_once() {
    let directory = tempfile::tempdir().unwrap();
    count(directory.path(), 1, 4.0);
    let sidecar = Sidecar::of(&[directory.path()], &["--max-bytes", "100000"]);
    assert!(sidecar.scrape().contains("\njobs_total 4.0\n"));
    let big = directory.path().join("counter_2.db");
    write(
        &big,
        (0..1000).map(|at| format!("[\"a\", \"a\", {{\"b\": \"{at}\"}}, \"\"]")),
    );
    for _ in 0..3 {
        let response = sidecar.ask("GET /metrics");
        assert_eq!(response.status, "503");
        assert!(response.body.contains("raise --max-bytes"), "{}", response.body);
        assert_eq!(sidecar.own("counterfoil_held_bytes"), 0.0);
    }
    assert_eq!(sidecar.own("counterfoil_scrapes_total{outcome=\"limit\"}"), 3.0);
    fs::remove_file(&big).unwrap();
    assert!(sidecar.scrape().contains("\njobs_total 4.0\n"));
    eventually("the news", || {
        sidecar.said().contains("scrapes succeed again").then_some(())
    });
    assert_eq!(sidecar.said().matches("a scrape failed: to merge ").count(), 1);
}

#[test]
fn beyond_the_limit_of_files_nothing_is_served_either() {
    let directory = tempfile::tempdir().unwrap();
    for pid in 1..=3 {
        count(directory.path(), pid, 1.0);
    }
    let sidecar = Sidecar::of(&[directory.path()], &["--max-files", "3"]);
    assert!(sidecar.scrape().contains("\njobs_total 3.0\n"));
    count(directory.path(), 4, 1.0);
    let response = sidecar.ask("GET /metrics");
    assert_eq!(response.status, "503");
    assert!(response.body.contains("more than 3 files"), "{}", response.body);
}

#[test]
fn files_that_are_none_are_left_out_and_each_is_told_once() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    count(directory.path(), 1, 4.0);
    fs::write(at("counter_2.db"), "").unwrap();
    fs::write(at("counter_3.db"), i32::MAX.to_ne_bytes().repeat(100)).unwrap();
    fs::write(
        at("histogram_4.db"),
        [&1000_i32.to_ne_bytes()[..], &[0xff; 5000]].concat(),
    )
    .unwrap();
    write(&at("counter_5.db"), ["[".repeat(100_000)]);
    write(
        &at("counter_6.db"),
        [format!("[\"a\", \"a\", {{}}, \"{}\"]", "x".repeat(2 << 20))],
    );
    fs::create_dir(at("counter_7.db")).unwrap();
    symlink(at("counter_8.db"), at("counter_8.db")).unwrap();
    fs::write(at("nonsense\n.db"), "").unwrap();
    Command::new("mkfifo").arg(at("counter_9.db")).status().unwrap();
    // All of it is used, says its header, and nothing is there.
    let sparse = File::create(at("counter_10.db")).unwrap();
    sparse.set_len(1 << 33).unwrap();
    sparse.write_all_at(&100_000_000_i32.to_ne_bytes(), 0).unwrap();

    let sidecar = Sidecar::of(&[directory.path()], &[]);
    for _ in 0..3 {
        assert!(sidecar.scrape().contains("\njobs_total 4.0\n"));
    }
    assert_eq!(sidecar.own("counterfoil_files"), 1.0);
    assert_eq!(sidecar.own("counterfoil_files_skipped"), 10.0);
    eventually("all to be told", || {
        (sidecar.said().matches(" is left out: ").count() >= 10).then_some(())
    });
    let said = sidecar.said();
    assert_eq!(said.lines().count(), 10, "{said}");
    assert!(said.contains("nonsense?.db is left out"), "{said}");
}

#[test]
fn content_that_would_take_squares_of_time_takes_none() {
    let directory = tempfile::tempdir().unwrap();
    let many = 30_000;
    // One key of many labels, one label set of many names, and keys that are a counter's and a gauge's.
    let labels: Vec<_> = (0..many).map(|at| format!("\"l{at}\": \"\"")).collect();
    let key = format!("[\"a\", \"a_total\", {{{}}}, \"\"]", labels.join(", "));
    write(&directory.path().join("counter_1.db"), [key]);
    let names = (0..many).map(|at| format!("[\"b\", \"b{at}\", {{}}, \"\"]"));
    write(&directory.path().join("counter_2.db"), names);
    let keys = || (0..many).map(|at| format!("[\"c\", \"c\", {{\"l\": \"{at}\"}}, \"\"]"));
    write(&directory.path().join("gauge_min_3.db"), keys());
    write(&directory.path().join("counter_3.db"), keys());
    let sidecar = Sidecar::of(&[directory.path()], &[]);
    let text = sidecar.scrape();
    assert!(text.lines().count() >= 2 * many, "{}", text.lines().count());
    let sum_s = sidecar.own("counterfoil_scrape_duration_seconds_sum");
    assert!(sum_s < 5.0, "{sum_s} s");
}
