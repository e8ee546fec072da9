//! The merge of all processes' files into families (M1–M13).
//!
//! ```
//! use counterfoil_reference::directory::Listing;
//! use counterfoil_reference::exposition::Format;
//! use counterfoil_reference::merge::Merge;
//! use counterfoil_reference::record::{Description, Registry};
//!
//! let directory = tempfile::tempdir()?;
//! for pid in [4312, 4313] {
//!     Registry::new(directory.path(), pid).counter(Description::new("jobs", ""))?.labels(&[])?.inc(1.0);
//! }
//! // What a worker leaves that is killed before it sizes its file costs nobody else's values, and is told.
//! std::fs::write(directory.path().join("counter_4314.db"), "")?;
//!
//! let merge = Merge::of(Listing::of(directory.path())?, None);
//! assert!(Format::Text.write(&merge.families(), None).ends_with("\njobs_total 2.0\n"));
//! assert!(merge.skipped()[0].path.ends_with("counter_4314.db"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod fold;
mod gathered;
mod held_file;
mod keys;

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use foldhash::fast::RandomState;

use self::gathered::{Gathered, Reading};
use self::held_file::{HeldFile, Read, SETTLED_AFTER};
use self::keys::Keys;
use crate::directory::{Listing, MetricPath, Skipped};
use crate::exposition::Family;
use crate::file_name::{FileName, Kind, Mode};
use crate::key::Key;
use crate::mutant::Mutant;
use crate::used_bytes::UsedBytes;

/// Keys that no file has any more are kept, up to so many beside those of the files.
const STALE_KEYS: usize = 4096;

/// What was read from the files, gathered by family, and the files themselves, so that only what has changed is read
/// again.
///
/// Decoding a key is dear and the same key stands in many files, so keys are decoded once.
#[derive(Debug)]
pub struct Merge {
    keys: Keys,
    files: Vec<HeldFile>,
    /// Of each key: the sum over counter, histogram and summary files (M4).
    sums: Vec<f64>,
    /// Of each key: the place of its family, once a sound file has it.
    family_of: Vec<Option<usize>>,
    families: Vec<Gathered>,
    family_ids: HashMap<String, usize, RandomState>,
    processes: Vec<String>,
    process_ids: HashMap<String, usize, RandomState>,
    skipped: Vec<Skipped>,
    buffer: UsedBytes,
    settled_after: Duration,
    mutant: Option<Mutant>,
}

impl Merge {
    /// Nothing yet.
    #[must_use]
    pub fn new(mutant: Option<Mutant>) -> Self {
        Self {
            keys: Keys::default(),
            files: Vec::new(),
            sums: Vec::new(),
            family_of: Vec::new(),
            families: Vec::new(),
            family_ids: HashMap::default(),
            processes: Vec::new(),
            process_ids: HashMap::default(),
            skipped: Vec::new(),
            buffer: UsedBytes::default(),
            settled_after: SETTLED_AFTER,
            mutant,
        }
    }

    /// Reads all files of a listing. A file that is broken, foreign or gone is left out.
    #[must_use]
    pub fn of(listing: Listing, mutant: Option<Mutant>) -> Self {
        let mut merge = Self::new(mutant);
        merge.update(listing);
        merge
    }

    /// Reads what has changed since the last time, now that this is the listing; whether anything has.
    pub fn update(&mut self, listing: Listing) -> bool {
        let mut changed = self.forget_stale_keys();
        let held = std::mem::take(&mut self.files);
        let order: Vec<PathBuf> = held.iter().map(|file| file.path().clone()).collect();
        // Files that are gone are not listed; what they held goes with this map.
        let mut held: HashMap<PathBuf, HeldFile, RandomState> =
            held.into_iter().map(|file| (file.path().clone(), file)).collect();
        self.skipped = listing.skipped;
        let mut names = Vec::with_capacity(listing.files.len());
        for MetricPath { path, name } in listing.files {
            let held = held.remove(&path);
            let read = HeldFile::read(
                path.clone(),
                held,
                self.settled_after,
                &mut self.keys,
                &mut self.buffer,
            );
            match read {
                Ok(Read::Same(file)) => self.files.push(file),
                Ok(Read::Changed(file)) => {
                    changed = true;
                    self.files.push(file);
                }
                Ok(Read::Gone) => continue,
                Err(fault) => {
                    self.skipped.push(Skipped { path, fault });
                    continue;
                }
            }
            names.push(name);
        }
        // The order counts, too: for values that are compared, and for types that conflict (M3).
        changed |= !self.files.iter().map(HeldFile::path).eq(&order);
        if changed {
            self.gather(&names);
        }
        changed
    }

    /// Processes come and go, and with them the keys that they have: too many that no file has any more are dropped,
    /// and all files with them. Whether that has happened.
    fn forget_stale_keys(&mut self) -> bool {
        let live: usize = self.files.iter().map(HeldFile::len).sum();
        let stale = self.keys.len() > live + STALE_KEYS;
        if stale {
            self.keys = Keys::default();
            self.files.clear();
        }
        stale
    }

    /// The files that were left out, and why.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The merged families, in the order of reading.
    #[must_use]
    pub fn families(&self) -> Vec<Family<'_>> {
        self.families
            .iter()
            .map(|family| fold::fold(self, family))
            .collect()
    }

    /// Adds everything up anew. A file has been decoded as a whole before any of it counts, so a broken one counts
    /// nothing (M13, C6).
    fn gather(&mut self, names: &[FileName]) {
        self.families.clear();
        self.family_ids.clear();
        self.processes.clear();
        self.process_ids.clear();
        self.sums = vec![0.0; self.keys.len()];
        self.family_of = vec![None; self.keys.len()];
        let files = std::mem::take(&mut self.files);
        for (file, name) in files.iter().zip(names) {
            self.apply(name, file);
        }
        self.files = files;
    }

    fn apply(&mut self, name: &FileName, file: &HeldFile) {
        let kind = name.kind;
        let process = self.process(&name.id);
        for (key, value, timestamp) in file.entries() {
            let value = match self.mutant {
                Some(Mutant::ValuesAsF32) => f64::from(value as f32),
                _ => value,
            };
            let known = self.family_of[key];
            let family = known.unwrap_or_else(|| self.place(key, kind));
            let family = &mut self.families[family];
            if let Kind::Gauge(mode) = kind {
                family.mode = mode;
                family.readings.push(Reading {
                    key,
                    process,
                    value,
                    timestamp,
                });
                continue;
            }
            // A key that a gauge file had first is not among the summed ones yet.
            if known.is_none() || !family.readings.is_empty() && !family.summed.contains(&key) {
                family.summed.push(key);
            }
            self.sums[key] += value;
        }
    }

    fn process(&mut self, id: &str) -> usize {
        if let Some(&process) = self.process_ids.get(id) {
            return process;
        }
        let process = self.processes.len();
        self.processes.push(id.to_owned());
        self.process_ids.insert(id.to_owned(), process);
        process
    }

    /// The family of a key that no sound file had before (M3).
    fn place(&mut self, key: usize, kind: Kind) -> usize {
        let Key {
            family: name, help, ..
        } = self.keys.get(key);
        let family = match self.family_ids.get(name) {
            Some(&family) => family,
            None => {
                self.family_ids.insert(name.clone(), self.families.len());
                self.families.push(Gathered {
                    name: name.clone(),
                    help: help.clone(),
                    kind,
                    mode: Mode::All,
                    summed: Vec::new(),
                    readings: Vec::new(),
                });
                self.families.len() - 1
            }
        };
        self.family_of[key] = Some(family);
        family
    }
}

#[cfg(test)]
mod tests {
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
        merge.update(Listing::of(directory).unwrap())
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
}
