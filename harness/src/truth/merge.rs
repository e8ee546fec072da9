//! Sorting the entries of all files by family and key: the merge's first half.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::family_merge::{FamilyMerge, Rules};
use super::{Key, Layout, MetricFile, Truth, TruthError};
use crate::series::MetricType;

/// The entries of some files, by family.
pub(super) struct Merge<'files> {
    pub(super) families: Vec<FamilyMerge<'files>>,
}

/// The entries of one key, in the order of file and entry.
pub(super) struct Cell<'files> {
    pub(super) key: &'files Key,
    pub(super) contributions: Vec<Contribution>,
}

/// One entry's part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contribution {
    /// The file's place among those that name the family, which are in the order of their names.
    pub(super) file: usize,
    /// The entry's place in the file.
    pub(super) at: usize,
    pub(super) value: f64,
    pub(super) timestamp: f64,
}

impl<'files> Merge<'files> {
    /// Sorts the entries of `files`, which are in the order of their names. A corrupt one, and a name that does not
    /// say what its entries need, fails it (M13), and so do files of several layouts.
    pub(super) fn of(files: &[&'files MetricFile]) -> Result<Self, TruthError> {
        let layout = only_layout(files)?;
        let rules = match layout {
            Some(Layout::GitlabRuby) => Rules::Ruby,
            _ => Rules::Python,
        };
        let mut families: Vec<FamilyMerge<'files>> = Vec::new();
        let mut by_name: HashMap<&str, usize, foldhash::fast::RandomState> = HashMap::default();
        // Of each key, by its id: the files were read together, and have one layout.
        let counts = counts(files);
        // Family and cell.
        let mut places: Vec<Option<(usize, usize)>> = vec![None; counts.len()];
        for (number, file) in files.iter().copied().enumerate() {
            let entries = file.intact()?;
            // R5: the Ruby client takes names apart before it opens a file.
            if !entries.is_empty() || rules == Rules::Ruby {
                require_name(file, rules)?;
            }
            for (at, entry) in entries.iter().enumerate() {
                let key: &'files Key = &entry.key;
                let id = entry.key_id as usize;
                let (family, cell) = *places[id].get_or_insert_with(|| {
                    let family = *by_name.entry(&key.family).or_insert_with(|| {
                        families.push(FamilyMerge::new(&key.family, rules));
                        families.len() - 1
                    });
                    (family, families[family].add_cell(key, counts[id]))
                });
                families[family].add(cell, (number, file), at, entry);
            }
        }
        Ok(Self { families })
    }

    /// The merge's second half (M3 to M9).
    pub(super) fn truth(&self) -> Result<Truth, TruthError> {
        let families: Result<Vec<_>, _> = self.families.iter().map(FamilyMerge::merged).collect();
        Ok(Truth::new(families?))
    }
}

/// How many entries there are of each key, by its id.
fn counts(files: &[&MetricFile]) -> Vec<usize> {
    let mut counts = Vec::new();
    for entry in files.iter().flat_map(|file| &file.entries) {
        let id = entry.key_id as usize;
        if id >= counts.len() {
            counts.resize(id + 1, 0);
        }
        counts[id] += 1;
    }
    counts
}

/// M2: the name must have a type, and a gauge's a mode and a pid. A file without entries may have any name.
/// R5: for the Ruby client any name must have a second field. It would serve any first one as the type.
fn require_name(file: &MetricFile, rules: Rules) -> Result<(), TruthError> {
    let missing = match (file.name.kind, &file.name.pid) {
        (_, None) if rules == Rules::Ruby => "a process",
        (None, _) if !file.entries.is_empty() => "a known type",
        (Some(MetricType::Gauge), None) => "a mode and a pid",
        _ => return Ok(()),
    };
    Err(TruthError::Name {
        path: file.path.clone(),
        missing,
    })
}

/// The one layout that the files have; `None` where none has an entry.
fn only_layout(files: &[&MetricFile]) -> Result<Option<Layout>, TruthError> {
    let mut by_layout: BTreeMap<Layout, Vec<&MetricFile>> = BTreeMap::new();
    for file in files {
        if let Some(layout) = file.layout {
            by_layout.entry(layout).or_default().push(file);
        }
    }
    if by_layout.len() > 1 {
        let found: Vec<String> = by_layout
            .iter()
            .map(|(layout, files)| some_names(*layout, files))
            .collect();
        return Err(TruthError::Mixed {
            path: files[0].path.parent().unwrap_or(Path::new("")).to_owned(),
            found: found.join(" and "),
        });
    }
    Ok(by_layout.into_keys().next())
}

/// `python-8 (counter_1.db, counter_2.db, gauge_all_1.db and 4 more)`.
fn some_names(layout: Layout, files: &[&MetricFile]) -> String {
    const SHOWN: usize = 3;
    let names: Vec<&str> = files
        .iter()
        .take(SHOWN)
        .map(|file| file.name.text.as_str())
        .collect();
    let more = match files.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{layout} ({}{more})", names.join(", "))
}
