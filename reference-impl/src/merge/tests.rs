//! A merge that is updated: what it must see, what it may keep, and what it must give up.

use std::fs;
use std::path::Path;

use super::*;
use crate::exposition::Format;
use crate::record::{Counter, Description, Family, Registry};

/// A merge that trusts what it has read at once, as it would two seconds later.
fn trusting() -> Merge {
    Merge {
        settled_after: Duration::ZERO,
        ..Merge::new(None)
    }
}

fn jobs(directory: &Path, pid: u32) -> Family<Counter> {
    let description = Description::new("jobs", "Jobs.").with_labels(["queue"]);
    Registry::new(directory, pid).counter(description).unwrap()
}

fn update(merge: &mut Merge, directory: &Path) -> bool {
    merge.update(Listing::of(directory).unwrap()).unwrap()
}

fn samples(merge: &Merge) -> Vec<String> {
    let text = Format::Text.write(&merge.families(), None);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_value_that_changes_in_place_is_seen_though_nothing_else_tells() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let (one, other) = (jobs(directory, 1), jobs(directory, 2));
    for family in [&one, &other] {
        family.labels(&["a"]).unwrap().inc(1.0);
    }
    let mut merge = trusting();
    assert!(update(&mut merge, directory));
    assert!(!update(&mut merge, directory), "nothing has changed");
    for expected in 3..6 {
        one.labels(&["a"]).unwrap().inc(1.0);
        assert!(update(&mut merge, directory));
        assert_eq!(
            samples(&merge),
            [format!("jobs_total{{queue=\"a\"}} {expected}.0")]
        );
        assert!(!update(&mut merge, directory));
    }
}

#[test]
fn a_series_that_is_added_and_a_file_that_vanishes_are_seen() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let (one, other) = (jobs(directory, 1), jobs(directory, 2));
    one.labels(&["a"]).unwrap().inc(1.0);
    other.labels(&["a"]).unwrap().inc(2.0);
    let mut merge = trusting();
    update(&mut merge, directory);
    one.labels(&["b"]).unwrap().inc(4.0);
    assert!(update(&mut merge, directory));
    assert_eq!(samples(&merge).len(), 2);
    fs::remove_file(directory.join("counter_2.db")).unwrap();
    assert!(update(&mut merge, directory));
    assert_eq!(samples(&merge)[0], "jobs_total{queue=\"a\"} 1.0");
    fs::remove_file(directory.join("counter_1.db")).unwrap();
    assert!(update(&mut merge, directory));
    assert_eq!(samples(&merge), Vec::<String>::new());
}

#[test]
fn a_file_that_is_rewritten_to_the_same_length_is_read_anew() {
    let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [first, second] = directories.each_ref().map(|directory| directory.path());
    jobs(first, 1).labels(&["a"]).unwrap().inc(1.0);
    jobs(second, 1).labels(&["b"]).unwrap().inc(1.0);
    let (here, there) = (first.join("counter_1.db"), second.join("counter_1.db"));
    let mut merge = trusting();
    update(&mut merge, first);
    // In place: the same inode, the same size, the same used length, the same value.
    fs::write(&here, fs::read(&there).unwrap()).unwrap();
    assert!(update(&mut merge, first));
    assert_eq!(samples(&merge), ["jobs_total{queue=\"b\"} 1.0"]);
}

#[test]
fn a_file_that_breaks_is_left_out_from_then_on_m13() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    for pid in [1, 2] {
        jobs(directory, pid).labels(&["a"]).unwrap().inc(1.0);
    }
    let mut merge = trusting();
    update(&mut merge, directory);
    fs::write(directory.join("counter_2.db"), "").unwrap();
    assert!(update(&mut merge, directory));
    assert_eq!(samples(&merge), ["jobs_total{queue=\"a\"} 1.0"]);
    assert_eq!(merge.skipped().len(), 1);
    assert!(!update(&mut merge, directory), "it was broken before");
    assert_eq!(merge.skipped().len(), 1, "it still is");
}

#[test]
fn a_file_is_trusted_only_when_its_times_would_tell_a_change() {
    let directory = tempfile::tempdir().unwrap();
    jobs(directory.path(), 1).labels(&["a"]).unwrap().inc(1.0);
    let mut merge = Merge::new(None);
    for changed in [true, false] {
        assert_eq!(update(&mut merge, directory.path()), changed);
        assert!(!merge.files[0].is_settled(), "it was changed a moment ago");
    }
    let mut merge = trusting();
    update(&mut merge, directory.path());
    assert!(merge.files[0].is_settled());
}

#[test]
fn keys_of_processes_that_are_gone_are_dropped_in_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let mut merge = trusting();
    for pid in 1..5 {
        let family = jobs(directory, pid);
        for queue in 0..STALE_KEYS / 2 {
            family.labels(&[&format!("{pid}-{queue}")]).unwrap().inc(1.0);
        }
        update(&mut merge, directory);
        assert_eq!(samples(&merge).len(), STALE_KEYS / 2);
        assert!(merge.keys.len() <= 2 * STALE_KEYS, "{} keys", merge.keys.len());
        fs::remove_file(directory.join(format!("counter_{pid}.db"))).unwrap();
    }
    update(&mut merge, directory);
    assert_eq!(samples(&merge), Vec::<String>::new());
}

#[test]
fn files_that_are_more_than_may_be_held_are_let_go_and_read_anew_when_they_are_less() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    jobs(directory, 1).labels(&["a"]).unwrap().inc(1.0);
    let mut merge = trusting().within(20_000);
    update(&mut merge, directory);
    assert!((1..20_000).contains(&merge.held_bytes()));
    let other = jobs(directory, 2);
    for queue in 0..100 {
        other.labels(&[&queue.to_string()]).unwrap().inc(1.0);
    }
    for _ in 0..2 {
        let over = merge.update(Listing::of(directory).unwrap()).unwrap_err();
        assert!(over.path.starts_with(directory), "{over}");
        assert_eq!((merge.held_bytes(), merge.files_held()), (0, 0));
        assert_eq!(samples(&merge), Vec::<String>::new());
    }
    fs::remove_file(directory.join("counter_2.db")).unwrap();
    assert!(update(&mut merge, directory));
    assert_eq!(samples(&merge), ["jobs_total{queue=\"a\"} 1.0"]);
}

#[test]
fn keys_of_processes_that_are_gone_take_no_room_from_those_that_are_there() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let mut merge = trusting().within(200_000);
    for pid in 1..5 {
        let family = jobs(directory, pid);
        for queue in 0..100 {
            family.labels(&[&format!("{pid}-{queue}")]).unwrap().inc(1.0);
        }
        fs::write(directory.join("nonsense.db"), "").unwrap();
        assert!(update(&mut merge, directory));
        assert_eq!((samples(&merge).len(), merge.skipped().len()), (100, 1));
        assert!(merge.held_bytes() > 100_000, "two would be too many");
        fs::remove_file(directory.join(format!("counter_{pid}.db"))).unwrap();
    }
}
