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

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::directory::{Fault, Listing, MetricPath, Skipped, read_used};
use crate::exposition::Family;
use crate::file_name::{Kind, Mode};
use crate::key::Key;
use crate::layout;
use crate::mutant::Mutant;
use crate::used_bytes::UsedBytes;

/// What was read from the files, gathered by family.
///
/// Decoding a key is dear and the same key stands in many files, so keys are kept as bytes and
/// decoded once.
#[derive(Debug, Default)]
pub struct Merge {
    ids: HashMap<Box<[u8]>, usize, RandomState>,
    keys: Vec<Key>,
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
    entries: Vec<(usize, f64, f64)>,
    mutant: Option<Mutant>,
}

/// One process's value of a gauge.
#[derive(Debug, Clone, Copy)]
struct Reading {
    key: usize,
    process: usize,
    value: f64,
    timestamp: f64,
}

/// A family, in the order of reading.
#[derive(Debug)]
struct Gathered {
    name: String,
    /// Of the first file (M3).
    help: String,
    /// Of the first file (M3).
    kind: Kind,
    /// A gauge's, of the last file (M3).
    mode: Mode,
    /// The keys that have a sum.
    summed: Vec<usize>,
    /// What gauge files hold.
    readings: Vec<Reading>,
}

impl Merge {
    /// Reads all files of a listing. A file that is broken, foreign or gone is left out.
    #[must_use]
    pub fn of(listing: Listing, mutant: Option<Mutant>) -> Self {
        let mut merge = Self {
            skipped: listing.skipped,
            mutant,
            ..Self::default()
        };
        for file in listing.files {
            if let Err(fault) = merge.read(&file) {
                merge.skipped.push(Skipped {
                    path: file.path,
                    fault,
                });
            }
        }
        merge
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

    /// Decodes a whole file before any of it counts, so a broken one counts nothing (M13, C6).
    fn read(&mut self, file: &MetricPath) -> Result<(), Fault> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut entries = std::mem::take(&mut self.entries);
        entries.clear();
        let decoded = read_used(&file.path, &mut buffer).and_then(|found| {
            if found.is_some() {
                self.decode(&buffer, &mut entries)?;
            }
            Ok(())
        });
        if decoded.is_ok() {
            self.apply(file, &entries);
        }
        self.buffer = buffer;
        self.entries = entries;
        decoded
    }

    fn decode(&mut self, bytes: &[u8], entries: &mut Vec<(usize, f64, f64)>) -> Result<(), Fault> {
        for entry in layout::entries(bytes) {
            let entry = entry?;
            let id = match self.ids.get(entry.key) {
                Some(&id) => id,
                None => {
                    let key = Key::decode(entry.key).map_err(|source| Fault::Key {
                        offset: entry.value_at,
                        source,
                    })?;
                    let id = self.keys.len();
                    self.ids.insert(entry.key.into(), id);
                    self.keys.push(key);
                    self.sums.push(0.0);
                    self.family_of.push(None);
                    id
                }
            };
            let value = match self.mutant {
                Some(Mutant::ValuesAsF32) => f64::from(entry.value as f32),
                _ => entry.value,
            };
            entries.push((id, value, entry.timestamp));
        }
        Ok(())
    }

    fn apply(&mut self, file: &MetricPath, entries: &[(usize, f64, f64)]) {
        let kind = file.name.kind;
        let process = self.process(&file.name.id);
        for &(key, value, timestamp) in entries {
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
        } = &self.keys[key];
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
