//! A directory merged to text file by file: no file is kept, and no series is made.
//!
//! Nearly every directory is of one layout, has each family in files of one type and mode, each series under one key, and
//! each process in one file a mode. Then the merge is a number for each key, and the text its keys in order. Whatever is
//! out of that is left to [`Snapshot::merge`](super::Snapshot::merge), with the errors that it has: where something
//! unusual turns up, what was read is thrown away.
//!
//! Files that merge alike are read one after the other in the order of their names, by one thread, so that sums are added
//! up in that order however many threads there are.

mod decoded;
mod family;
mod group;
mod keys;
mod lines;
mod template;
mod values;

use std::cmp::Reverse;
use std::fmt;
use std::path::Path;

use self::family::Family;
use self::group::{Group, Read};
use super::{Snapshot, TruthError, raw_snapshot};
use crate::{exposition, threads};

/// The merged files of a directory as text 0.0.4.
#[derive(Clone, Debug)]
pub struct MergedText {
    parts: Vec<String>,
}

impl MergedText {
    /// Reads all of `*.db` (M1) and merges them (M2 to M12), on up to so many threads; a small directory gains nothing
    /// from more than one.
    ///
    /// The text is that of [`Truth::to_exposition`](super::Truth::to_exposition), and so are the errors.
    pub fn read(dir: &Path, threads: usize) -> Result<Self, TruthError> {
        let files = raw_snapshot::metric_files(dir).map_err(|source| TruthError::Directory {
            path: dir.to_owned(),
            source,
        })?;
        if let Some(parts) = group::groups(files).and_then(|groups| {
            let (threads, groups) = dealt_out(threads, groups);
            streamed(&groups, threads)
        }) {
            return Ok(Self { parts });
        }
        let exposition = Snapshot::read(dir)?.merge()?.to_exposition();
        Ok(Self {
            parts: vec![exposition::text::write(&exposition)],
        })
    }

    /// The text, piece by piece: it may be long.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(String::as_str)
    }
}

impl fmt::Display for MergedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().try_for_each(|part| f.write_str(part))
    }
}

/// So many threads as pay: starting one takes as long as reading some hundred kilobytes. For several, the longest group
/// is the first, so that the threads end at about the same time.
fn dealt_out(threads: usize, groups: Vec<Group>) -> (usize, Vec<Group>) {
    const WORTH_A_THREAD_BYTES: u64 = 4 << 20;
    if threads <= 1 {
        return (threads, groups);
    }
    let mut by_length: Vec<(u64, Group)> = groups.into_iter().map(|group| (group.length(), group)).collect();
    by_length.sort_by_key(|(length, _)| Reverse(*length));
    let length: u64 = by_length.iter().map(|(length, _)| length).sum();
    let worthwhile = usize::try_from(length / WORTH_A_THREAD_BYTES).unwrap_or(threads);
    let groups = by_length.into_iter().map(|(_, group)| group).collect();
    (threads.min(worthwhile), groups)
}

/// The text of files that have nothing unusual about them.
fn streamed(groups: &[Group], threads: usize) -> Option<Vec<String>> {
    let read: Vec<Option<Read>> = threads::each(threads, groups, Group::read);
    let read: Vec<Read> = read.into_iter().collect::<Option<_>>()?;
    let mut layouts = read.iter().filter_map(|read| read.layout);
    let layout = layouts.next();
    if layouts.any(|other| Some(other) != layout) {
        return None;
    }
    let families = read
        .iter()
        .flat_map(Read::families)
        .collect::<Option<Vec<Family<'_>>>>()?;
    lines::write(families, threads)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests;
