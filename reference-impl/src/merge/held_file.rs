//! A file that was read, kept so that only what has changed is read again.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::budget;
use super::keys::Keys;
use crate::directory::{Fault, LONGEST_KEY, MetricPath, Opened, metadata_of, open};
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
    held_bytes: usize,
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

/// What it takes to read a file.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) keys: &'a mut Keys,
    pub(super) buffer: &'a mut UsedBytes,
    pub(super) settled_after: Duration,
    /// What may still be held.
    pub(super) room_bytes: usize,
    /// How many files were read as a whole, ever.
    pub(super) files_read: &'a mut u64,
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
    /// Reads a file, of which `held` was known so far.
    pub(super) fn read(
        metric_path: &MetricPath,
        held: Option<Self>,
        reader: &mut Reader<'_>,
    ) -> Result<Read, Fault> {
        let Some(mut held) = held else {
            let read = Self::read_anew(metric_path, reader)?;
            return Ok(read.map_or(Read::Gone, Read::Changed));
        };
        if held.is_settled {
            let Some(metadata) = metadata_of(&metric_path.path)? else {
                return Ok(Read::Gone);
            };
            if held.identity == Identity::of(&metadata) && held.used == held.view.used() {
                return Ok(match held.read_values() {
                    false => Read::Same(held),
                    true => Read::Changed(held),
                });
            }
        }
        Ok(match Self::read_anew(metric_path, reader)? {
            None => Read::Gone,
            Some(read) if read.places == held.places && read.cells == held.cells => Read::Same(read),
            Some(read) => Read::Changed(read),
        })
    }

    fn read_anew(
        MetricPath { path, name }: &MetricPath,
        reader: &mut Reader<'_>,
    ) -> Result<Option<Self>, Fault> {
        let Some(Opened { file, metadata }) = open(path)? else {
            return Ok(None);
        };
        *reader.files_read += 1;
        let Reader {
            keys,
            buffer,
            room_bytes,
            ..
        } = reader;
        let room_bytes = *room_bytes;
        let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        let used = crate::directory::read_used(&file, size, room_bytes, buffer)?;
        let (mut places, mut cells) = (Vec::new(), Vec::new());
        let known_bytes = keys.held_bytes();
        let mut keys_length = 0;
        for entry in layout::entries(buffer) {
            let entry = entry?;
            let offset = entry.value_at;
            let length = entry.key.len();
            if length > LONGEST_KEY {
                return Err(Fault::LongKey { offset, length });
            }
            let key = keys.id_of(entry.key);
            let key = key.map_err(|source| Fault::Key { offset, source })?;
            if keys.held_bytes() - known_bytes > room_bytes {
                return Err(Fault::NoRoom);
            }
            keys_length += length;
            places.push(Place {
                key,
                value_at: entry.value_at,
            });
            cells.push([entry.value.to_bits(), entry.timestamp.to_bits()]);
        }
        // Entries themselves take no more than the file, which has room.
        let held_bytes = budget::of_entries(name.kind, places.len(), keys_length);
        if held_bytes + keys.held_bytes() - known_bytes > room_bytes {
            return Err(Fault::NoRoom);
        }
        Ok(Some(Self {
            path: path.clone(),
            is_settled: age(&metadata).is_some_and(|age| age > reader.settled_after),
            identity: Identity::of(&metadata),
            used,
            view: View::of(&file, size)?,
            places,
            cells,
            held_bytes,
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

    /// What it costs beside its keys, in bytes.
    pub(super) fn held_bytes(&self) -> usize {
        self.held_bytes
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
