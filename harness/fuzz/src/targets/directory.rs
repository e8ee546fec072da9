//! A directory of metric files, and what must hold of whatever it holds.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;

use counterfoil::exposition::{Exposition, openmetrics, text};
use counterfoil::series::Series;
use counterfoil::truth::{MergedText, MetricFile, Snapshot, Truth, TruthError};
use tempfile::TempDir;

/// How many series are asked for by themselves: one shares much with the next.
const SERIES: usize = 20;
/// The longest sentence of an error, but for paths and names.
const SENTENCE: usize = 1000;

/// A directory that goes away with its value.
pub(crate) struct Directory(TempDir);

impl Directory {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("there is room for a directory"))
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join(name), bytes).expect("there is room for a file");
    }

    pub(crate) fn read(&self) -> Snapshot {
        Snapshot::read(self.0.path()).expect("these are files, and nobody takes them away")
    }

    /// Reads, merges, copies and writes, and holds one against the other.
    pub(crate) fn check(&self) {
        let snapshot = self.read();
        snapshot.files().iter().for_each(check_file);
        let again = self.read();
        assert_eq!(
            snapshot.raw().fingerprint(),
            again.raw().fingerprint(),
            "read twice"
        );
        check_copy(&snapshot);
        self.check_text(&snapshot);
        match (snapshot.merge(), again.merge()) {
            (Ok(truth), Ok(second)) => {
                assert_eq!(format!("{truth:?}"), format!("{second:?}"), "merged twice");
                check_truth(&snapshot, &truth);
            }
            (Err(error), Err(second)) => {
                assert_eq!(error.to_string(), second.to_string(), "merged twice");
                check_error(&error, &snapshot, self.0.path());
            }
            (one, other) => panic!("merged twice: {one:?}, {other:?}"),
        }
    }

    /// The text without series is the one by way of series.
    fn check_text(&self, snapshot: &Snapshot) {
        let told = |error: TruthError| error.to_string();
        let merged = snapshot.merge().map_err(told);
        let by_series = merged.map(|truth| text::write(&truth.to_exposition()));
        let without = MergedText::read(self.0.path(), 2).map_err(told);
        assert_eq!(without.map(|text| text.to_string()), by_series);
    }
}

fn check_copy(snapshot: &Snapshot) {
    let copy = Directory::new();
    snapshot.copy_to(copy.0.path()).expect("there is room for a copy");
    // Half a header that says 0 is a file without entries, and as such it is copied.
    let is_whole = |file: &MetricFile| file.fault.is_some() || file.bytes().len() >= 8;
    if snapshot.files().iter().all(is_whole) {
        assert_eq!(
            snapshot.raw().fingerprint(),
            copy.read().raw().fingerprint(),
            "copied"
        );
    }
}

fn check_file(file: &MetricFile) {
    let mut end = 8;
    for entry in &file.entries {
        assert!(entry.offset >= end, "an entry lies behind the one before it");
        end = entry.offset + 8;
        assert!(end < file.bytes().len(), "an entry lies inside of the file");
    }
    if let Some((offset, fault)) = &file.fault {
        assert!(*offset <= file.bytes().len(), "{fault} at {offset}");
        assert!(file.entries.iter().all(|entry| entry.offset < *offset));
        assert!(fault.to_string().len() < SENTENCE, "{fault}");
    }
}

fn check_error(error: &TruthError, snapshot: &Snapshot, path: &Path) {
    let cause = error.source().map_or_else(String::new, ToString::to_string);
    assert!(
        error.to_string().len() + cause.len() < SENTENCE + path.as_os_str().len(),
        "{error}: {cause}"
    );
    if let TruthError::Corrupt { path, offset, .. } | TruthError::Bound { path, offset, .. } = error {
        let told = snapshot.files().iter().find(|file| file.path == *path);
        let file = told.expect("an error names a file that there is");
        assert!(*offset <= file.bytes().len(), "{error}");
    }
}

/// Every series has shares; each process by itself can be merged; what is written in either format, if it is sound,
/// is the truth.
fn check_truth(snapshot: &Snapshot, truth: &Truth) {
    let holdings = snapshot.holdings();
    for family in &truth.families {
        for series in family
            .outcomes
            .iter()
            .flat_map(|outcome| outcome.samples.keys())
            .take(SERIES)
        {
            let shares = holdings.of(series);
            assert!(shares.len() <= snapshot.files().iter().map(|file| file.entries.len()).sum());
        }
    }
    for pid in snapshot.pids() {
        let of_one = snapshot.merge_of(|file| file.name.pid.as_ref() == Some(&pid));
        assert!(
            of_one.is_ok(),
            "all can be merged, and {pid} alone not: {of_one:?}"
        );
    }
    let exposition = truth.to_exposition();
    if !names(&exposition).all(is_name) {
        return;
    }
    let both = [
        text::parse(text::write(&exposition).as_bytes()),
        openmetrics::parse(openmetrics::write(&exposition).as_bytes()),
    ];
    for parsed in both.iter().filter(|parsed| parsed.findings.is_empty()) {
        assert_eq!(values(&exposition), values(&parsed.exposition));
    }
}

fn names(exposition: &Exposition) -> impl Iterator<Item = &str> {
    let families = exposition.families.iter().map(|family| family.name.as_str());
    let samples = exposition.samples().map(|sample| &*sample.series.sample);
    let labels = exposition
        .samples()
        .flat_map(|sample| sample.series.labels.iter());
    families.chain(samples).chain(labels.map(|(name, _)| name))
}

/// Whether it stays one name in a text: what a file has for a name may hold anything, other samples too.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// What is served, whatever family a reader takes it for: a file may have any sample in any. OpenMetrics calls all of a
/// counter's samples `_total`.
fn values(exposition: &Exposition) -> BTreeSet<(String, u64)> {
    let samples = exposition.samples();
    let pairs = samples.map(|sample| {
        let series = &sample.series;
        let name = series.sample.trim_end_matches("_total");
        let value = if sample.value.is_nan() {
            f64::NAN
        } else {
            sample.value
        };
        (
            Series::new(name, series.labels.clone()).to_string(),
            value.to_bits(),
        )
    });
    pairs.collect()
}
