//! Sorting the entries of all files by family and key: the merge's first half.

use std::collections::HashMap;
use std::sync::Arc;

use super::family_merge::FamilyMerge;
use super::{Key, MetricFile, Share, Truth, TruthError};
use crate::series::{MetricType, Series};

/// The entries of some files, by family.
pub(super) struct Merge<'files> {
    families: Vec<FamilyMerge<'files>>,
}

/// The entries of one key, in the order of file and entry.
pub(super) struct Cell<'files> {
    pub(super) key: &'files Key,
    pub(super) contributions: Vec<Contribution>,
}

/// One entry's part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contribution {
    /// The file's place in the order of names.
    pub(super) file: usize,
    /// The entry's place in the file.
    pub(super) at: usize,
    pub(super) value: f64,
    pub(super) timestamp: f64,
}

impl<'files> Merge<'files> {
    /// Sorts the entries of `files`, which are in the order of their names. A corrupt one, and a name that does not
    /// say what its entries need, fails it (M13).
    pub(super) fn of(files: &[&'files MetricFile]) -> Result<Self, TruthError> {
        let mut families: Vec<FamilyMerge<'files>> = Vec::new();
        let mut by_name: HashMap<&str, usize, foldhash::fast::RandomState> = HashMap::default();
        // Keys that are read together are shared, so the address of a key finds its cell without comparing text.
        let mut by_key: HashMap<usize, (usize, usize), foldhash::fast::RandomState> = HashMap::default();
        for (number, file) in files.iter().copied().enumerate() {
            let entries = file.intact()?;
            if !entries.is_empty() {
                require_name(file)?;
            }
            for (at, entry) in entries.iter().enumerate() {
                let key: &'files Key = &entry.key;
                let (family, cell) = *by_key.entry(Arc::as_ptr(&entry.key).addr()).or_insert_with(|| {
                    let family = *by_name.entry(&key.family).or_insert_with(|| {
                        families.push(FamilyMerge::new(&key.family));
                        families.len() - 1
                    });
                    (family, families[family].add_cell(key))
                });
                let contribution = Contribution {
                    file: number,
                    at,
                    value: entry.value,
                    timestamp: entry.timestamp,
                };
                families[family].add(cell, file, contribution);
            }
        }
        Ok(Self { families })
    }

    /// The merge's second half (M3 to M9).
    pub(super) fn truth(&self) -> Result<Truth, TruthError> {
        let families: Result<Vec<_>, _> = self.families.iter().map(FamilyMerge::merged).collect();
        Ok(Truth::new(families?))
    }

    /// What each file contributes to `series`.
    pub(super) fn shares(&self, series: &Series) -> Vec<Share> {
        // A sample is named after its family (F4), which spares most families the look.
        self.families
            .iter()
            .filter(|family| series.sample.starts_with(family.name))
            .map(|family| family.shares(series))
            .find(|shares| !shares.is_empty())
            .unwrap_or_default()
    }
}

/// M2: the name must have a type, and a gauge's a mode and a pid. A file without entries may have any name.
fn require_name(file: &MetricFile) -> Result<(), TruthError> {
    let missing = match (file.name.kind, &file.name.pid) {
        (None, _) => "a known type",
        (Some(MetricType::Gauge), None) => "a mode and a pid",
        _ => return Ok(()),
    };
    Err(TruthError::Name {
        path: file.path.clone(),
        missing,
    })
}
