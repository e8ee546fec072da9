//! Metric files written the other way round: by this test's own reading of F2 to F5.

use std::fs;
use std::path::Path;

use counterfoil::truth::{Snapshot, Truth};
use tempfile::TempDir;

/// A directory of metric files.
pub(crate) struct Directory(TempDir);

impl Directory {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Adds a file with these entries: key, value, timestamp.
    pub(crate) fn with(self, name: &str, entries: &[(String, f64, f64)]) -> Self {
        self.with_bytes(name, &padded(&encode(entries, 16)))
    }

    /// Adds a file with exactly these bytes.
    pub(crate) fn with_bytes(self, name: &str, bytes: &[u8]) -> Self {
        fs::write(self.0.path().join(name), bytes).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::read(self.path()).unwrap()
    }

    pub(crate) fn truth(&self) -> Truth {
        self.snapshot().merge().unwrap()
    }

    /// The merge's complaint, with its causes.
    pub(crate) fn complaint(&self) -> String {
        let error = Snapshot::read(self.path())
            .and_then(|snapshot| snapshot.merge())
            .unwrap_err();
        match std::error::Error::source(&error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        }
    }
}

/// The used bytes of a file; values are 16 bytes long with their timestamp, 8 without.
pub(crate) fn encode(entries: &[(String, f64, f64)], value_length: usize) -> Vec<u8> {
    let mut bytes = vec![0; 8];
    for (key, value, timestamp) in entries {
        bytes.extend(i32::try_from(key.len()).unwrap().to_ne_bytes());
        bytes.extend(key.as_bytes());
        bytes.push(b' ');
        while !bytes.len().is_multiple_of(8) {
            bytes.push(b' ');
        }
        bytes.extend(value.to_ne_bytes());
        if value_length == 16 {
            bytes.extend(timestamp.to_ne_bytes());
        }
    }
    let used = i32::try_from(bytes.len()).unwrap();
    bytes[..4].copy_from_slice(&used.to_ne_bytes());
    bytes
}

/// As long as a client's file is (F5).
pub(crate) fn padded(used: &[u8]) -> Vec<u8> {
    let mut length = 64 * 1024;
    while length < used.len() {
        length *= 2;
    }
    let mut bytes = used.to_vec();
    bytes.resize(length, 0);
    bytes
}

/// A key as F4 has it.
pub(crate) fn key(family: &str, sample: &str, labels: &[(&str, &str)], help: &str) -> String {
    let labels: serde_json::Map<String, serde_json::Value> = labels
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()))
        .collect();
    serde_json::json!([family, sample, labels, help]).to_string()
}

/// An entry without labels, timestamp and a particular HELP.
pub(crate) fn plain(family: &str, sample: &str, value: f64) -> (String, f64, f64) {
    (key(family, sample, &[], "Help."), value, 0.0)
}

/// An entry with labels.
pub(crate) fn labelled(
    family: &str,
    sample: &str,
    labels: &[(&str, &str)],
    value: f64,
) -> (String, f64, f64) {
    (key(family, sample, labels, "Help."), value, 0.0)
}
