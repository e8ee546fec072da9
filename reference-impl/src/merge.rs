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

mod budget;
mod fold;
mod gathered;
mod held_file;
mod keys;

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use foldhash::fast::RandomState;

pub use self::budget::OverLimit;
use self::gathered::{Gathered, Reading};
use self::held_file::{HeldFile, Read, Reader, SETTLED_AFTER};
use self::keys::Keys;
use crate::directory::{Fault, Listing, MetricPath, Skipped};
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
    /// Of each key: whether it is among its family's summed ones.
    is_summed: Vec<bool>,
    /// Of each key: the place of its family, once a sound file has it.
    family_of: Vec<Option<usize>>,
    families: Vec<Gathered>,
    family_ids: HashMap<String, usize, RandomState>,
    processes: Vec<String>,
    process_ids: HashMap<String, usize, RandomState>,
    skipped: Vec<Skipped>,
    buffer: UsedBytes,
    settled_after: Duration,
    max_bytes: usize,
    files_read: u64,
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
            is_summed: Vec::new(),
            family_of: Vec::new(),
            families: Vec::new(),
            family_ids: HashMap::default(),
            processes: Vec::new(),
            process_ids: HashMap::default(),
            skipped: Vec::new(),
            buffer: UsedBytes::default(),
            settled_after: SETTLED_AFTER,
            max_bytes: usize::MAX,
            files_read: 0,
            mutant,
        }
    }

    /// The same, which never takes more memory than so many bytes.
    #[must_use]
    pub fn within(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    /// Reads all files of a listing. A file that is broken, foreign or gone is left out.
    #[must_use]
    pub fn of(listing: Listing, mutant: Option<Mutant>) -> Self {
        let mut merge = Self::new(mutant);
        let read = merge.update(listing);
        read.expect("without a limit no file is too much");
        merge
    }

    /// Reads what has changed since the last time, now that this is the listing; whether anything has.
    ///
    /// # Errors
    /// If the files are more than may be held. Then all are let go, and nothing is held.
    pub fn update(&mut self, listing: Listing) -> Result<bool, OverLimit> {
        let Listing { files, skipped } = listing;
        let foreign = skipped.len();
        let has_keys = self.keys.len() > 0;
        self.skipped = skipped;
        let mut updated = self.read(&files);
        if updated.is_err() && has_keys {
            // What took the room may be keys that no file has any more.
            self.let_go(foreign);
            updated = self.read(&files);
        }
        if updated.is_err() {
            self.let_go(0);
        }
        updated
    }

    /// Forgets what was read, but for the first of the files that were left out.
    fn let_go(&mut self, skipped: usize) {
        self.skipped.truncate(skipped);
        *self = Self {
            skipped: std::mem::take(&mut self.skipped),
            settled_after: self.settled_after,
            files_read: self.files_read,
            ..Self::new(self.mutant).within(self.max_bytes)
        };
    }

    fn read(&mut self, files: &[MetricPath]) -> Result<bool, OverLimit> {
        let mut changed = self.forget_stale_keys();
        let held = std::mem::take(&mut self.files);
        let order: Vec<PathBuf> = held.iter().map(|file| file.path().clone()).collect();
        // Files that are gone are not listed; what they held goes with this map.
        let mut held: HashMap<PathBuf, HeldFile, RandomState> =
            held.into_iter().map(|file| (file.path().clone(), file)).collect();
        let mut names = Vec::with_capacity(files.len());
        let mut files_bytes = 0;
        for file in files {
            let held_bytes = self.keys.held_bytes() + files_bytes;
            let mut reader = Reader {
                keys: &mut self.keys,
                buffer: &mut self.buffer,
                settled_after: self.settled_after,
                room_bytes: self.max_bytes.saturating_sub(held_bytes),
                files_read: &mut self.files_read,
            };
            match HeldFile::read(file, held.remove(&file.path), &mut reader) {
                Ok(Read::Same(read)) => self.files.push(read),
                Ok(Read::Changed(read)) => {
                    changed = true;
                    self.files.push(read);
                }
                Ok(Read::Gone) => continue,
                Err(Fault::NoRoom) => {
                    return Err(OverLimit {
                        path: file.path.clone(),
                        limit: self.max_bytes,
                    });
                }
                Err(fault) => {
                    let path = file.path.clone();
                    self.skipped.push(Skipped { path, fault });
                    continue;
                }
            }
            files_bytes += self.files.last().map_or(0, HeldFile::held_bytes);
            names.push(&file.name);
        }
        // The order counts, too: for values that are compared, and for types that conflict (M3).
        changed |= !self.files.iter().map(HeldFile::path).eq(&order);
        if changed {
            self.gather(&names);
        }
        Ok(changed)
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

    /// How many files are held.
    #[must_use]
    pub fn files_held(&self) -> usize {
        self.files.len()
    }

    /// How many files were read as a whole so far, those that were read again among them.
    #[must_use]
    pub fn files_read(&self) -> u64 {
        self.files_read
    }

    /// What is held, in bytes, estimated from above.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.keys.held_bytes() + self.files.iter().map(HeldFile::held_bytes).sum::<usize>()
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
    fn gather(&mut self, names: &[&FileName]) {
        self.families.clear();
        self.family_ids.clear();
        self.processes.clear();
        self.process_ids.clear();
        self.sums = vec![0.0; self.keys.len()];
        self.is_summed = vec![false; self.keys.len()];
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
                Some(Mutant::CountOfOneProcess)
                    if process > 0 && self.keys.get(key).sample.ends_with("_count") =>
                {
                    0.0
                }
                Some(Mutant::SumsOneHelp) if self.is_described_otherwise(key) => 0.0,
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
            if known.is_none() || !family.readings.is_empty() && !self.is_summed[key] {
                family.summed.push(key);
                self.is_summed[key] = true;
            }
            self.sums[key] += value;
        }
    }

    /// Whether a key's HELP is not that of its family, if that is there already.
    fn is_described_otherwise(&self, key: usize) -> bool {
        let Key { family, help, .. } = self.keys.get(key);
        let family = self.family_ids.get(family).map(|&id| &self.families[id]);
        family.is_some_and(|family| family.help != *help)
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
mod tests;
