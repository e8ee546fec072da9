//! A wrong merge, made small: files and entries are taken away as long as the exporter still merges the rest wrongly.
//!
//! The files that a scrape was compared with are all that a merge depends on, so no fleet is needed: the exporter merges a
//! copy of them by a command ([`Merge`]). What is left is a fixture, a directory with the text that must be served of it, to be
//! committed or sent to the exporter's author. A failure that the files alone do not show (a race, a stale cache, the wire) has
//! no such fixture; its kept run and its plan are what there is.

mod ddmin;
mod error;
mod fixture;
mod merge;

use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;

pub use error::ReduceError;
pub use fixture::Fixture;
pub use merge::Merge;

use crate::check::{Comparison, compare};
use crate::exposition;
use crate::truth::{Layout, MetricFile, Snapshot};
use ddmin::ddmin;
use serde::{Deserialize, Serialize};

/// What was made small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduced {
    /// How many files and entries there were.
    pub before: Size,
    /// How many are left.
    pub after: Size,
    /// How many merges that took.
    pub merges: usize,
    /// Whether the search ended because nothing more could be taken away, not because it was told to.
    pub exhausted: bool,
}

/// How much there is of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Size {
    /// Its files.
    pub files: usize,
    /// Their entries.
    pub entries: usize,
}

impl fmt::Display for Size {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files, entries } = *self;
        let file = if files == 1 { "file" } else { "files" };
        let entry = if entries == 1 { "entry" } else { "entries" };
        write!(out, "{files} {file}, {entries} {entry}")
    }
}

/// How a comparison fails. What is made smaller must go on failing in the way in which the whole does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// What is printed is no exposition.
    Malformed,
    Missing,
    Different,
    Extra,
    Header,
}

/// Takes away from the metric files in `dir` what the failure does not need, and writes what is left to `fixture`, which must
/// not be there yet. `progress` hears of every merge, and may end the search: then what was found by then is what is left.
///
/// # Errors
/// The files cannot be read or merged, the exporter's merge of them is right, or cannot be had.
pub fn reduce(
    dir: &Path,
    merge: &Merge,
    fixture: &Path,
    progress: &dyn Fn(Size, usize) -> ControlFlow<()>,
) -> Result<Reduced, ReduceError> {
    let snapshot = Snapshot::read(dir)?;
    snapshot.merge()?;
    let layout = snapshot.layout().unwrap_or(Layout::Python16);
    let work = tempfile::tempdir().map_err(|source| ReduceError::Write {
        path: std::env::temp_dir(),
        source,
    })?;
    let mut trial = Trial {
        merge,
        layout,
        work: work.path(),
        wanted: None,
        merges: 0,
        exhausted: true,
        progress,
    };
    let files: Vec<File<'_>> = snapshot.files().iter().map(File::of).collect();
    let before = size(&files);
    let Some(fault) = trial.fault(&files)? else {
        return Err(ReduceError::Right {
            dir: dir.to_path_buf(),
        });
    };
    trial.wanted = Some(fault);
    let files = ddmin(files, |files| trial.still_fails(files))?;
    // Entry by entry over all files at once: a difference may need one of each of two files.
    let entries: Vec<(usize, usize)> = files
        .iter()
        .enumerate()
        .flat_map(|(file, held)| (0..held.entries.len()).map(move |entry| (file, entry)))
        .collect();
    let entries = ddmin(entries, |entries| trial.still_fails(&only(&files, entries)))?;
    let files = only(&files, &entries);
    // A file that lost its last entry may be gone as well.
    let files = ddmin(files, |files| trial.still_fails(files))?;
    let served = trial.served(&files)?;
    Fixture {
        files: &files,
        layout,
        served: &served,
        merge,
    }
    .write(fixture)?;
    Ok(Reduced {
        before,
        after: size(&files),
        merges: trial.merges,
        exhausted: trial.exhausted,
    })
}

/// A file, and those of its entries that are kept, as bytes.
#[derive(Clone, Debug)]
struct File<'snapshot> {
    name: &'snapshot str,
    entries: Vec<&'snapshot [u8]>,
}

impl<'snapshot> File<'snapshot> {
    fn of(file: &'snapshot MetricFile) -> Self {
        let ends = file.entries.iter().skip(1).map(|entry| entry.offset);
        let ends = ends.chain([file.bytes().len()]);
        let entries = file.entries.iter().zip(ends);
        Self {
            name: &file.name.text,
            entries: entries
                .map(|(entry, end)| &file.bytes()[entry.offset..end])
                .collect(),
        }
    }
}

fn size(files: &[File<'_>]) -> Size {
    Size {
        files: files.len(),
        entries: files.iter().map(|file| file.entries.len()).sum(),
    }
}

/// The files with those entries alone.
fn only<'snapshot>(files: &[File<'snapshot>], entries: &[(usize, usize)]) -> Vec<File<'snapshot>> {
    let mut kept: Vec<File<'snapshot>> = files
        .iter()
        .map(|file| File {
            name: file.name,
            entries: Vec::new(),
        })
        .collect();
    for (file, entry) in entries {
        kept[*file].entries.push(files[*file].entries[*entry]);
    }
    kept
}

/// Merges of parts of the files.
struct Trial<'a> {
    merge: &'a Merge,
    layout: Layout,
    work: &'a Path,
    wanted: Option<Fault>,
    merges: usize,
    exhausted: bool,
    progress: &'a dyn Fn(Size, usize) -> ControlFlow<()>,
}

impl Trial<'_> {
    fn still_fails(&mut self, files: &[File<'_>]) -> Result<bool, ReduceError> {
        self.exhausted &= (self.progress)(size(files), self.merges).is_continue();
        // Once it is over nothing more is tried, so nothing more can be taken away.
        Ok(self.exhausted && self.fault(files)? == self.wanted)
    }

    /// How the exporter merges these files wrongly, if it does.
    fn fault(&mut self, files: &[File<'_>]) -> Result<Option<Fault>, ReduceError> {
        let served = self.served(files)?;
        let dir = self.work.join("metrics");
        let truth = Snapshot::read(&dir)?.merge()?;
        let parsed = exposition::text::parse(&served);
        if !parsed.findings.is_empty() {
            return Ok(Some(Fault::Malformed));
        }
        Ok(fault(&compare(&truth, &parsed.exposition)))
    }

    /// What the exporter serves of these files.
    fn served(&mut self, files: &[File<'_>]) -> Result<Vec<u8>, ReduceError> {
        let dir = self.work.join("metrics");
        fixture::fresh(&dir)?;
        fixture::files(&dir, files, self.layout)?;
        self.merges += 1;
        self.merge.text(&dir)
    }
}

/// The first kind of fault, in the order in which one tells most.
fn fault(comparison: &Comparison) -> Option<Fault> {
    let Comparison {
        missing,
        extra,
        foreign,
        different,
        families,
        ..
    } = comparison;
    [
        (!different.is_empty(), Fault::Different),
        (!missing.is_empty(), Fault::Missing),
        (!extra.is_empty() || !foreign.is_empty(), Fault::Extra),
        (!families.is_empty(), Fault::Header),
    ]
    .into_iter()
    .find_map(|(is_there, fault)| is_there.then_some(fault))
}
