//! How much memory a merge may take: an estimate from above, made before the memory is taken.

use std::path::PathBuf;

use thiserror::Error;

use crate::file_name::Kind;
use crate::key::Key;

/// Of an entry: its place, its cell, and what of it stands in the families.
const ENTRY: usize = 96;
/// Of a gauge's entry beside that: a series of its own while the text is made, and its line.
const READING: usize = 512;
/// Of a distinct key: itself, its sum, a family, a group and a sample.
const KEY: usize = 1024;
/// How often a key's text is held: as read, as decoded, and in the texts that are served.
const COPIES: usize = 8;
/// Of a label: two strings, and its place in a label set.
const LABEL: usize = 192;

/// The files are too much to be held. Nothing of them is served: a part of the sum would look like the whole.
#[derive(Debug, Error)]
#[error(
    "to merge {path} as well would take more than {limit} bytes of memory; raise --max-bytes, or remove the files of \
     processes that are gone"
)]
pub struct OverLimit {
    /// The file that was one too many.
    pub path: PathBuf,
    /// The limit in bytes.
    pub limit: usize,
}

/// What so many entries cost in bytes, whose keys have that length together, beside the keys.
pub(super) fn of_entries(kind: Kind, count: usize, keys_length: usize) -> usize {
    match kind {
        Kind::Gauge(_) => count * (ENTRY + READING) + 2 * keys_length,
        Kind::Counter | Kind::Histogram | Kind::Summary => count * ENTRY,
    }
}

/// What a distinct key costs in bytes.
pub(super) fn of_key(key: &Key, length: usize) -> usize {
    KEY + COPIES * length + LABEL * key.labels.len()
}
