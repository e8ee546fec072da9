//! The merge of several processes' files, rule by rule.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use counterfoil_reference::directory::Listing;
use counterfoil_reference::exposition::Format;
use counterfoil_reference::file_name::Mode;
use counterfoil_reference::key::Key;
use counterfoil_reference::merge::Merge;
use counterfoil_reference::mutant::Mutant;
use counterfoil_reference::record::{Description, MetricFile, Registry};

/// The samples' lines, sorted, because files are read in any order (M1).
fn samples(directory: &Path, mutant: Option<Mutant>) -> Vec<String> {
    let merge = Merge::of(Listing::of(directory).unwrap(), mutant);
    let text = Format::Text.write(&merge.families(), mutant);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut lines: Vec<_> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

/// A gauge set to each of the values by a process of its own, the pids counting from 1.
fn gauge(directory: &Path, mode: Mode, values: &[f64]) {
    for (pid, value) in (1..).zip(values) {
        let registry = Registry::new(directory, pid);
        let level = registry.gauge(Description::new("level", ""), mode).unwrap();
        level.labels(&[]).unwrap().set(*value);
    }
}

/// A value with a time, as another client could have written it.
fn write(directory: &Path, file: &str, labels: &[(&str, &str)], value: f64, timestamp: f64) {
    let labels = labels
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    let (family, sample, help) = ("level".into(), "level".into(), String::new());
    let key = Key {
        family,
        sample,
        labels: labels.collect(),
        help,
    }
    .encode();
    let file = MetricFile::open(directory, file).unwrap();
    file.cell(&key).unwrap().set_at(value, timestamp);
}

#[test]
fn m4_counters_summaries_and_buckets_of_all_processes_are_summed() {
    let directory = tempfile::tempdir().unwrap();
    for pid in 1..=3 {
        let registry = Registry::new(directory.path(), pid);
        // HELP differs, the series does not.
        let jobs = Description::new("jobs", format!("Of {pid}."));
        registry.counter(jobs).unwrap().labels(&[]).unwrap().inc(2.0);
        let size = registry.summary(Description::new("size", "")).unwrap();
        size.labels(&[]).unwrap().observe(0.5);
    }
    let expected = ["jobs_total 6.0", "size_count 3.0", "size_sum 1.5"];
    assert_eq!(samples(directory.path(), None), expected);
}

#[test]
fn m5_m6_m8_every_mode_of_a_gauge_has_its_own_merge() {
    for (mode, expected) in [
        (Mode::Min, "level -1.0"),
        (Mode::Max, "level 4.0"),
        (Mode::Sum, "level 5.0"),
        (Mode::LiveMin, "level -1.0"),
        (Mode::LiveMax, "level 4.0"),
        (Mode::LiveSum, "level 5.0"),
        (Mode::MostRecent, "level 2.0"),
        (Mode::LiveMostRecent, "level 2.0"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        gauge(directory.path(), mode, &[4.0, -1.0, 2.0]);
        assert_eq!(samples(directory.path(), None), [expected], "{mode:?}");
    }
    for mode in [Mode::All, Mode::LiveAll] {
        let directory = tempfile::tempdir().unwrap();
        gauge(directory.path(), mode, &[4.0, -1.0]);
        let expected = ["level{pid=\"1\"} 4.0", "level{pid=\"2\"} -1.0"];
        assert_eq!(samples(directory.path(), None), expected, "{mode:?}");
    }
}

#[test]
fn m5_a_users_pid_is_overwritten_in_all_and_stripped_in_any_other_mode() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    write(
        directory,
        "gauge_all_7.db",
        &[("pid", "mine"), ("a", "1")],
        3.0,
        0.0,
    );
    assert_eq!(samples(directory, None), ["level{a=\"1\",pid=\"7\"} 3.0"]);
    fs::remove_file(directory.join("gauge_all_7.db")).unwrap();
    write(directory, "gauge_sum_7.db", &[("pid", "mine")], 3.0, 0.0);
    write(directory, "gauge_sum_8.db", &[("pid", "yours")], 4.0, 0.0);
    assert_eq!(samples(directory, None), ["level 7.0"]);
}

#[test]
fn m7_the_latest_value_wins_and_one_that_was_never_set_is_not_served() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    write(directory, "gauge_mostrecent_1.db", &[], 9.0, 0.0);
    assert_eq!(samples(directory, None), [""; 0]);
    let merge = Merge::of(Listing::of(directory).unwrap(), None);
    assert_eq!(merge.families().len(), 1, "its header is served");
    write(directory, "gauge_mostrecent_2.db", &[], 5.0, 20.5);
    write(directory, "gauge_mostrecent_3.db", &[], 6.0, 20.25);
    assert_eq!(samples(directory, None), ["level 5.0"]);
}

#[test]
fn m9_buckets_are_summed_by_bound_whatever_its_text_and_accumulated() {
    let directory = tempfile::tempdir().unwrap();
    let file = MetricFile::open(directory.path(), "histogram_1.db").unwrap();
    for (le, count) in [("+Inf", 1.0), ("10.0", 4.0), ("1e1", 1.0), ("0.5", 2.0)] {
        let labels = vec![("le".into(), le.into())];
        let (family, sample) = ("wait".into(), "wait_bucket".into());
        let key = Key {
            family,
            sample,
            labels,
            help: String::new(),
        };
        file.cell(&key.encode()).unwrap().set(count);
    }
    let expected = [
        "wait_bucket{le=\"+Inf\"} 8.0",
        "wait_bucket{le=\"0.5\"} 2.0",
        "wait_bucket{le=\"10.0\"} 7.0",
        "wait_count 8.0",
    ];
    assert_eq!(samples(directory.path(), None), expected);
}

#[test]
fn c6_c8_c12_empty_foreign_and_odd_files_are_left_out_and_everyone_else_is_served() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    gauge(directory, Mode::Sum, &[1.0, 2.0]);
    let mut huge = vec![0; 64];
    huge[..4].copy_from_slice(&i32::MAX.to_ne_bytes());
    let mut no_key = header(16 + 24);
    no_key.extend_from_slice(&[3, 0, 0, 0, b'{', b'}', 0xff, b' ', 0, 0, 0, 0, 0, 0, 0, 0]);
    no_key.resize(64, 0);
    for (name, bytes) in [
        ("counter_8.db", &b""[..]),
        ("counter_9.db", b"SQLite format 3\0 and so on and on"),
        ("cache.db", b"SQLite format 3\0"),
        ("gauge_sum_10.db", &huge),
        ("gauge_sum_11.db", &no_key),
        ("gauge_median_12.db", b""),
    ] {
        fs::write(directory.join(name), bytes).unwrap();
    }
    fs::create_dir(directory.join("summary_13.db")).unwrap();
    std::os::unix::fs::symlink("/nonexistent", directory.join("summary_14.db")).unwrap();
    fs::write(directory.join("histogram_15.db"), [0; 64]).unwrap();
    assert_eq!(samples(directory, None), ["level 3.0"]);
    let merge = Merge::of(Listing::of(directory).unwrap(), None);
    // The dangling link counts as a file that has vanished, the one of zeros as empty.
    assert_eq!(merge.skipped().len(), 7, "{:?}", merge.skipped());
}

/// The header of a metric file, made by hand.
fn header(used: i32) -> Vec<u8> {
    let mut bytes = used.to_ne_bytes().to_vec();
    bytes.resize(8, 0);
    bytes
}

#[test]
fn a_mutant_of_the_merge_changes_what_is_served() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    gauge(directory, Mode::LiveSum, &[0.1, 0.25]);
    let registry = Registry::new(directory, 9);
    let wait = registry.histogram(Description::new("wait", ""), &[1.0]).unwrap();
    wait.labels(&[]).unwrap().observe(0.5);
    wait.labels(&[]).unwrap().observe(2.5);
    let honest = samples(directory, None);
    for mutant in [
        Mutant::GaugeSumAsMax,
        Mutant::ValuesAsF32,
        Mutant::BucketsNotAccumulated,
    ] {
        assert_ne!(samples(directory, Some(mutant)), honest, "{mutant:?}");
    }
}
