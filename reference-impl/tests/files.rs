//! Metric files: what was recorded can be read again, whatever happened in between.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use counterfoil_reference::directory::Listing;
use counterfoil_reference::exposition::Format;
use counterfoil_reference::file_name::Mode;
use counterfoil_reference::layout;
use counterfoil_reference::merge::Merge;
use counterfoil_reference::record::{Description, FileError, MetricFile, Registry};
use proptest::prelude::*;

fn text(directory: &Path) -> String {
    let merge = Merge::of(Listing::of(directory).unwrap(), None);
    assert!(merge.skipped().is_empty(), "{:?}", merge.skipped());
    Format::Text.write(&merge.families(), None)
}

fn used(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    let used = layout::used(&bytes).unwrap();
    bytes[..used].to_vec()
}

#[test]
fn f1_f2_f3_f4_a_files_bytes_are_those_of_the_format() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::new(directory.path(), 7);
    let jobs = registry.counter(Description::new("jobs", "Done.")).unwrap();
    jobs.labels(&[]).unwrap().inc(2.5);
    let key = br#"["jobs", "jobs_total", {}, "Done."]"#;
    let mut expected = vec![64, 0, 0, 0, 0, 0, 0, 0, 35, 0, 0, 0];
    expected.extend_from_slice(key);
    expected.extend_from_slice(b" ");
    expected.extend_from_slice(&2.5_f64.to_ne_bytes());
    expected.extend_from_slice(&[0; 8]);
    if cfg!(target_endian = "little") {
        let path = directory.path().join("counter_7.db");
        assert_eq!(used(&path), expected);
        assert_eq!(fs::metadata(path).unwrap().len(), 64 * 1024);
    }
}

#[test]
fn f7_a_metric_without_labels_is_there_at_once_and_one_with_labels_at_first_use() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::new(directory.path(), 7);
    registry.summary(Description::new("size", "")).unwrap();
    let jobs = Description::new("jobs", "").with_labels(["queue"]);
    let jobs = registry.counter(jobs).unwrap();
    assert!(text(directory.path()).contains("\nsize_count 0.0\nsize_sum 0.0\n"));
    assert!(!text(directory.path()).contains("jobs"));
    jobs.labels(&["a"]).unwrap();
    assert!(text(directory.path()).contains("jobs_total{queue=\"a\"} 0.0\n"));
}

#[test]
fn f5_a_file_doubles_and_cells_handed_out_before_stay_valid() {
    let directory = tempfile::tempdir().unwrap();
    let file = MetricFile::open(directory.path(), "counter_7.db").unwrap();
    let first = file.cell("first").unwrap();
    let mut sizes = HashSet::new();
    for index in 0..5000 {
        let key = format!("{index:0100}");
        file.cell(&key).unwrap().set(f64::from(index));
        first.add(1.0);
        let size = fs::metadata(directory.path().join("counter_7.db")).unwrap().len();
        sizes.insert(size / 1024);
    }
    assert_eq!(sizes, HashSet::from([64, 128, 256, 512, 1024]));
    assert_eq!(first.get(), 5000.0);
    let bytes = fs::read(directory.path().join("counter_7.db")).unwrap();
    let values: Vec<f64> = layout::entries(&bytes)
        .map(|entry| entry.unwrap().value)
        .collect();
    assert_eq!(values[0], 5000.0);
    assert_eq!(values[5000], 4999.0);
}

#[test]
fn a_label_sets_entries_are_seen_all_at_once_or_not_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::new(directory.path(), 7);
    let wait = Description::new("wait", "").with_labels(["queue"]);
    let wait = registry
        .histogram(wait, &[0.25, 0.5, 1.0, 2.0, 4.0, 8.0])
        .unwrap();
    let size = Description::new("size", "").with_labels(["queue"]);
    let size = registry.summary(size).unwrap();
    let label_set = |index: i32| {
        let queue = format!("{index:05}");
        wait.labels(&[&queue]).unwrap();
        size.labels(&[&queue]).unwrap();
    };
    label_set(0);
    let path = |kind| directory.path().join(format!("{kind}_7.db"));
    let files =
        ["histogram", "summary"].map(|kind| (File::open(path(kind)).unwrap(), used(&path(kind)).len() - 8));
    let writing = AtomicBool::new(true);
    thread::scope(|scope| {
        scope.spawn(|| {
            // Until the other side was there while files grew, on a busy machine too.
            (1..20_000)
                .take_while(|_| writing.load(Ordering::Relaxed))
                .for_each(label_set);
        });
        let mut seen = HashSet::new();
        let give_up_at = Instant::now() + Duration::from_secs(60);
        while seen.len() < 500 && Instant::now() < give_up_at {
            for (file, label_set_size) in &files {
                let mut field = [0; 4];
                file.read_exact_at(&mut field, 0).unwrap();
                let entries = layout::used(&field).unwrap() - 8;
                assert_eq!(entries % label_set_size, 0, "{entries} bytes of entries");
                seen.insert(entries);
            }
        }
        writing.store(false, Ordering::Relaxed);
        assert!(
            seen.len() > 100,
            "the files were seen in {} states only",
            seen.len()
        );
    });
}

#[test]
fn f8_only_setting_a_mostrecent_gauge_notes_the_time() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::new(directory.path(), 7);
    for mode in Mode::ALL {
        let name = format!("g_{}", mode.name());
        let gauge = registry.gauge(Description::new(name, ""), mode).unwrap();
        gauge.labels(&[]).unwrap().set(1.5);
        let path = directory.path().join(format!("gauge_{}_7.db", mode.name()));
        let bytes = fs::read(path).unwrap();
        let entry = layout::entries(&bytes).next().unwrap().unwrap();
        assert_eq!(entry.value, 1.5);
        assert_eq!(entry.timestamp > 1e9, mode.is_most_recent(), "{mode:?}");
    }
}

#[test]
fn f10_an_existing_file_is_continued() {
    let directory = tempfile::tempdir().unwrap();
    for round in 1..=3 {
        let registry = Registry::new(directory.path(), 7);
        let jobs = Description::new("jobs", "").with_labels(["queue"]);
        let jobs = registry.counter(jobs).unwrap();
        jobs.labels(&["a"]).unwrap().inc(1.0);
        jobs.labels(&[&round.to_string()]).unwrap().inc(1.0);
    }
    let text = text(directory.path());
    assert!(text.contains("jobs_total{queue=\"a\"} 3.0\n"), "{text}");
    assert_eq!(text.matches("\njobs_total").count(), 4);
}

#[test]
fn c14_a_registry_knows_when_a_file_of_its_was_removed() {
    let directory = tempfile::tempdir().unwrap();
    let count = |registry: &Registry| {
        let jobs = registry.counter(Description::new("jobs", "")).unwrap();
        jobs.labels(&[]).unwrap().inc(1.0);
    };
    let registry = Registry::new(directory.path(), 7);
    assert!(!registry.has_lost_files(), "it has none yet");
    count(&registry);
    fs::write(directory.path().join("counter_8.db"), "").unwrap();
    fs::remove_file(directory.path().join("counter_8.db")).unwrap();
    assert!(!registry.has_lost_files(), "that was another's");
    fs::remove_file(directory.path().join("counter_7.db")).unwrap();
    assert!(registry.has_lost_files());
    let anew = Registry::new(directory.path(), 7);
    count(&anew);
    assert!(!anew.has_lost_files());
    assert!(text(directory.path()).contains("\njobs_total 1.0\n"));
}

#[test]
fn f10_an_empty_file_is_continued_and_a_corrupt_one_is_an_error_that_names_it() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("counter_7.db"), "").unwrap();
    let file = MetricFile::open(directory.path(), "counter_7.db").unwrap();
    file.cell("key").unwrap();
    fs::write(directory.path().join("counter_8.db"), "SQLite format 3").unwrap();
    let error = MetricFile::open(directory.path(), "counter_8.db").unwrap_err();
    assert!(matches!(&error, FileError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("counter_8.db"));
}

#[test]
fn creating_a_file_leaves_nothing_else_behind() {
    let directory = tempfile::tempdir().unwrap();
    MetricFile::open(directory.path(), "counter_7.db").unwrap();
    let names = fs::read_dir(directory.path()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["counter_7.db"]);
}

#[test]
fn many_threads_lose_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::new(directory.path(), 7);
    let jobs = Description::new("jobs", "").with_labels(["queue"]);
    let jobs = registry.counter(jobs).unwrap();
    let wait = Description::new("wait", "").with_labels(["queue"]);
    let wait = registry.histogram(wait, &[0.25, 1.0]).unwrap();
    thread::scope(|scope| {
        for thread in 0..8 {
            let (jobs, wait) = (&jobs, &wait);
            scope.spawn(move || {
                for index in 0..2000 {
                    // Every thread creates series that the others create too, so files grow.
                    let queue = format!("{:050}", (index + thread * 37) % 500);
                    jobs.labels(&[&queue]).unwrap().inc(0.5);
                    wait.labels(&["a"]).unwrap().observe(0.25 * f64::from(index % 6));
                }
            });
        }
    });
    let merge = Merge::of(Listing::of(directory.path()).unwrap(), None);
    let families = merge.families();
    let jobs = families.iter().find(|family| family.name == "jobs").unwrap();
    assert_eq!(jobs.samples.len(), 500);
    let total: f64 = jobs.samples.iter().map(|sample| sample.value).sum();
    assert_eq!(total, 8.0 * 2000.0 * 0.5);
    let wait = families.iter().find(|family| family.name == "wait").unwrap();
    let count = wait.samples.last().unwrap();
    assert!(count.name.is("wait", "_count"));
    assert_eq!(count.value, 16_000.0);
}

#[test]
fn m9_an_observation_falls_in_the_first_bucket_that_holds_it_and_nan_in_none() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::new(directory.path(), 7);
    let wait = registry
        .histogram(Description::new("wait", ""), &[0.25, 1.0])
        .unwrap();
    let wait = wait.labels(&[]).unwrap();
    for value in [0.25, 0.5, 1.0, 7.0, -3.0, f64::INFINITY] {
        wait.observe(value);
    }
    assert_eq!(wait.count(), 6.0);
    wait.observe(f64::NAN);
    assert_eq!(wait.count(), 6.0);
    assert!(wait.sum().is_nan());
    let text = text(directory.path());
    let expected = "wait_bucket{le=\"0.25\"} 2.0\nwait_bucket{le=\"1.0\"} 4.0\n\
        wait_bucket{le=\"+Inf\"} 6.0\nwait_count 6.0\n";
    assert!(text.ends_with(expected), "{text}");
}

fn label() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn what_is_recorded_is_what_is_read(
        series in proptest::collection::hash_map((label(), label()), any::<f64>(), 0..40),
        help in label(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let registry = Registry::new(directory.path(), 7);
        let description = Description::new("level", help.clone()).with_labels(["b", "a"]);
        let level = registry.gauge(description, Mode::Max).unwrap();
        for ((b, a), value) in &series {
            level.labels(&[b, a]).unwrap().set(*value);
        }
        let merge = Merge::of(Listing::of(directory.path()).unwrap(), None);
        prop_assert!(merge.skipped().is_empty());
        let families = merge.families();
        prop_assert_eq!(families.len(), usize::from(!series.is_empty()));
        for family in families {
            prop_assert_eq!(family.help, &help);
            prop_assert_eq!(family.samples.len(), series.len());
            for sample in family.samples {
                let [("a", a), ("b", b)] = sample.labels[..] else {
                    return Err(TestCaseError::fail("labels are a and b"));
                };
                let recorded = series[&(b.to_owned(), a.to_owned())];
                prop_assert_eq!(sample.value.to_bits(), recorded.to_bits());
            }
        }
    }

    #[test]
    fn m13_a_file_that_is_cut_off_or_garbled_never_breaks_the_others(
        cut in 0_usize..1200,
        garbled in proptest::collection::vec((0_usize..1200, any::<u8>()), 0..4),
    ) {
        let directory = tempfile::tempdir().unwrap();
        for pid in [7, 8] {
            let registry = Registry::new(directory.path(), pid);
            let jobs = Description::new("jobs", "Done.").with_labels(["queue"]);
            let jobs = registry.counter(jobs).unwrap();
            for queue in 0..10 {
                jobs.labels(&[&format!("queue {queue}")]).unwrap().inc(1.0);
            }
        }
        let path = directory.path().join("counter_8.db");
        let mut bytes = fs::read(&path).unwrap();
        bytes.truncate(cut);
        for (at, byte) in garbled {
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        fs::write(&path, bytes).unwrap();
        let merge = Merge::of(Listing::of(directory.path()).unwrap(), None);
        let families = merge.families();
        let jobs = families.iter().find(|family| family.name == "jobs").unwrap();
        // The sound file's ten series are there; a byte changed in the other may add some.
        let of_seven = |sample: &&counterfoil_reference::exposition::Sample<'_>| {
            sample.name.is("jobs", "_total") && sample.labels[0].1.starts_with("queue ")
        };
        prop_assert!(jobs.samples.iter().filter(of_seven).count() >= 10);
    }
}
