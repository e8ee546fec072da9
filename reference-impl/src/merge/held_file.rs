//! A file that was read, kept so that only what has changed is read again.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::keys::Keys;
use crate::directory::{Fault, Opened, metadata_of, open};
use crate::layout;
use crate::used_bytes::UsedBytes;
use crate::view::View;

/// A file that was changed so shortly before it was read may be changed again without a new time.
pub(super) const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// What a file holds, and where in it.
///
/// A value changes in place, through a mapping: neither the file's size nor, reliably, its time tells. So the used
/// length and every value are read again each time, at the places that are known; it is only the keys that are taken to
/// be as they were. Metric writers never change a key (F11, F13). Whoever replaces or rewrites the file by other means
/// changes its identity ([`Identity`]), and then all of it is read again.
#[derive(Debug)]
pub(super) struct HeldFile {
    path: PathBuf,
    identity: Identity,
    /// Whether the identity is old enough to tell a change from then on.
    is_settled: bool,
    used: i32,
    view: View,
    places: Vec<Place>,
    /// Of each place: the bits of value and time.
    cells: Vec<[u64; 2]>,
}

/// What a file can hardly keep when someone replaces it, writes to it or cuts it off by a system call.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// An entry: its key, and where its value stands.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    key: usize,
    value_at: usize,
}

/// What reading a file again came to.
#[derive(Debug)]
pub(super) enum Read {
    /// All is as it was.
    Same(HeldFile),
    /// It is new, or something in it is.
    Changed(HeldFile),
    /// It has vanished (C12).
    Gone,
}

impl HeldFile {
    /// Reads the file at `path`, of which `held` was known so far.
    pub(super) fn read(
        path: PathBuf,
        held: Option<Self>,
        settled_after: Duration,
        keys: &mut Keys,
        buffer: &mut UsedBytes,
    ) -> Result<Read, Fault> {
        let Some(mut held) = held else {
            let read = Self::read_anew(path, settled_after, keys, buffer)?;
            return Ok(read.map_or(Read::Gone, Read::Changed));
        };
        if held.is_settled {
            let Some(metadata) = metadata_of(&path)? else {
                return Ok(Read::Gone);
            };
            if held.identity == Identity::of(&metadata) && held.used == held.view.used() {
                return Ok(match held.read_values() {
                    false => Read::Same(held),
                    true => Read::Changed(held),
                });
            }
        }
        Ok(match Self::read_anew(path, settled_after, keys, buffer)? {
            None => Read::Gone,
            Some(read) if read.places == held.places && read.cells == held.cells => Read::Same(read),
            Some(read) => Read::Changed(read),
        })
    }

    fn read_anew(
        path: PathBuf,
        settled_after: Duration,
        keys: &mut Keys,
        buffer: &mut UsedBytes,
    ) -> Result<Option<Self>, Fault> {
        let Some(Opened { file, metadata }) = open(&path)? else {
            return Ok(None);
        };
        let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        let used = crate::directory::read_used(&file, size, buffer)?;
        let (mut places, mut cells) = (Vec::new(), Vec::new());
        for entry in layout::entries(buffer) {
            let entry = entry?;
            let key = keys.id_of(entry.key).map_err(|source| Fault::Key {
                offset: entry.value_at,
                source,
            })?;
            places.push(Place {
                key,
                value_at: entry.value_at,
            });
            cells.push([entry.value.to_bits(), entry.timestamp.to_bits()]);
        }
        Ok(Some(Self {
            path,
            is_settled: age(&metadata).is_some_and(|age| age > settled_after),
            identity: Identity::of(&metadata),
            used,
            view: View::of(&file, size)?,
            places,
            cells,
        }))
    }

    /// Reads the values at their places; whether any has changed.
    fn read_values(&mut self) -> bool {
        let mut changed = false;
        for (place, cell) in self.places.iter().zip(&mut self.cells) {
            let now = self.view.cell(place.value_at);
            changed |= now != *cell;
            *cell = now;
        }
        changed
    }

    pub(super) fn path(&self) -> &PathBuf {
        &self.path
    }

    #[cfg(test)]
    pub(super) fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// How many entries it has.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Key, value and time of each entry.
    pub(super) fn entries(&self) -> impl Iterator<Item = (usize, f64, f64)> {
        let cells = self.cells.iter().map(|cell| cell.map(f64::from_bits));
        self.places
            .iter()
            .zip(cells)
            .map(|(place, [value, time])| (place.key, value, time))
    }
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// How long ago the file was changed; a time in the future tells nothing.
fn age(metadata: &Metadata) -> Option<Duration> {
    let seconds = u64::try_from(metadata.ctime()).ok()?;
    let nanoseconds = u32::try_from(metadata.ctime_nsec()).ok()?;
    let changed = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds);
    changed.elapsed().ok()
}
