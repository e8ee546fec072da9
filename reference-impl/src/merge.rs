//! The merge of all processes' files into families (M1–M13).

mod fold;

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::directory::{Fault, Listing, MetricPath, Skipped, read_used};
use crate::exposition::Family;
use crate::file_name::{Kind, Mode};
use crate::key::Key;
use crate::layout;
use crate::mutant::Mutant;

/// What was read from the files, gathered by key.
///
/// Decoding a key is dear and the same key stands in many files, so keys are kept as bytes and
/// decoded once.
#[derive(Debug, Default)]
pub struct Merge {
    ids: HashMap<Box<[u8]>, usize, RandomState>,
    series: Vec<Series>,
    families: Vec<Gathered>,
    family_ids: HashMap<String, usize, RandomState>,
    processes: Vec<String>,
    skipped: Vec<Skipped>,
    buffer: Vec<u8>,
    entries: Vec<(usize, f64, f64)>,
    mutant: Option<Mutant>,
}

/// All values of one key.
#[derive(Debug)]
struct Series {
    key: Key,
    /// Whether its family knows it.
    placed: bool,
    /// The sum over counter, histogram and summary files (M4).
    sum: Option<f64>,
    /// The values in gauge files, in the order of reading.
    gauges: Vec<Reading>,
}

/// One process's value of a gauge.
#[derive(Debug, Clone, Copy)]
struct Reading {
    process: usize,
    value: f64,
    timestamp: f64,
}

/// A family and its series, in the order of reading.
#[derive(Debug)]
struct Gathered {
    name: String,
    /// Of the first file (M3).
    help: String,
    /// Of the first file (M3).
    kind: Kind,
    /// A gauge's, of the last file (M3).
    mode: Mode,
    series: Vec<usize>,
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
                    let id = self.series.len();
                    self.ids.insert(entry.key.into(), id);
                    let gauges = Vec::new();
                    self.series.push(Series {
                        key,
                        placed: false,
                        sum: None,
                        gauges,
                    });
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
        let process = self.processes.len();
        self.processes.push(file.name.id.clone());
        for &(id, value, timestamp) in entries {
            self.place(id, file.name.kind);
            let series = &mut self.series[id];
            match file.name.kind {
                Kind::Gauge(_) => series.gauges.push(Reading {
                    process,
                    value,
                    timestamp,
                }),
                _ => *series.sum.get_or_insert(0.0) += value,
            }
        }
    }

    /// Sees that the family exists and knows the series (M3).
    fn place(&mut self, id: usize, kind: Kind) {
        let series = &mut self.series[id];
        if series.placed && !matches!(kind, Kind::Gauge(_)) {
            return;
        }
        let family = match self.family_ids.get(&series.key.family) {
            Some(&family) => family,
            None => {
                let name = series.key.family.clone();
                self.family_ids.insert(name.clone(), self.families.len());
                let help = series.key.help.clone();
                self.families.push(Gathered {
                    name,
                    help,
                    kind,
                    mode: Mode::All,
                    series: vec![],
                });
                self.families.len() - 1
            }
        };
        let family = &mut self.families[family];
        if let Kind::Gauge(mode) = kind {
            family.mode = mode;
        }
        if !std::mem::replace(&mut series.placed, true) {
            family.series.push(id);
        }
    }
}
