//! A writer that is killed at any moment leaves a readable file with everything it acknowledged.
#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use counterfoil_reference::directory::Listing;
use counterfoil_reference::merge::Merge;
use counterfoil_reference::record::{Description, Registry};

const DIRECTORY: &str = "COUNTERFOIL_TEST_KILL_DIRECTORY";
const ROUNDS: u32 = 20;

/// Each step counts in a series of its own, so files grow, and in one that all share.
fn write_for_ever(directory: &Path) {
    let metrics = directory.join("metrics");
    let registry = Registry::new(metrics, std::process::id());
    let jobs = Description::new("jobs", "Done.").with_labels(["queue"]);
    let jobs = registry.counter(jobs).unwrap();
    let acks = File::options()
        .append(true)
        .create(true)
        .open(directory.join("acks"));
    let mut acks = acks.unwrap();
    for step in 0_u64.. {
        jobs.labels(&[&format!("{step:0200}")]).unwrap().inc(1.0);
        jobs.labels(&["shared"]).unwrap().inc(1.0);
        acks.write_all(b"+").unwrap();
    }
}

#[test]
#[ignore = "the process that the other test kills"]
fn the_writer_that_is_killed() {
    if let Some(directory) = env::var_os(DIRECTORY) {
        write_for_ever(Path::new(&directory));
    }
}

fn acknowledged(directory: &Path) -> u64 {
    fs::metadata(directory.join("acks")).map_or(0, |acks| acks.len())
}

/// What the shared series and all others come to.
fn recorded(directory: &Path) -> (f64, f64) {
    let merge = Merge::of(Listing::of(&directory.join("metrics")).unwrap(), None);
    assert!(merge.skipped().is_empty(), "{:?}", merge.skipped());
    let families = merge.families();
    let samples = families.iter().flat_map(|family| &family.samples);
    let (shared, own): (Vec<_>, Vec<_>) = samples.partition(|sample| sample.labels[0].1 == "shared");
    let sum = |samples: Vec<&counterfoil_reference::exposition::Sample<'_>>| {
        samples.iter().map(|sample| sample.value).sum()
    };
    (sum(shared), sum(own))
}

#[test]
fn f11_a_writer_killed_at_any_moment_loses_nothing_that_it_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    fs::create_dir(directory.join("metrics")).unwrap();
    for round in 0..ROUNDS {
        let before = acknowledged(directory);
        let mut writer = Command::new(env::current_exe().unwrap())
            .args(["--ignored", "--exact", "the_writer_that_is_killed"])
            .env(DIRECTORY, directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        // Ever more steps before the kill, so that it meets every part of a file's growth.
        while acknowledged(directory) < before + u64::from(round * round) + 1 {
            assert!(Instant::now() < deadline, "the writer writes nothing");
            thread::yield_now();
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        let acknowledged = acknowledged(directory) as f64;
        let admissible = acknowledged..=acknowledged + f64::from(round + 1);
        let (shared, own) = recorded(directory);
        assert!(admissible.contains(&shared), "{shared} of {acknowledged}");
        assert!(admissible.contains(&own), "{own} of {acknowledged}");
    }
}
