//! The bytes of a metric file that count, and what is wrong with its header.

use std::fs::{File, OpenOptions};
use std::io;
use std::mem;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::aligned_bytes::AlignedBytes;
use super::entry::{self, HEADER_LENGTH};
use super::{Fault, Layout};

/// The most that is read of one file. The largest that a client is known to have written is some megabytes.
const MAX_USED_BYTES: usize = 64 << 20;
/// What is read, and kept, of a file whose header is wrong: no entry is to be had of it.
const EVIDENCE_BYTES: usize = 1 << 20;

/// How much of a file is read at once where it is not kept: as much as stays in a processor's second cache beside what it is
/// held against. Usual entries have some hundred bytes.
pub(super) const PIECE_BYTES: usize = 256 << 10;

/// What was read of a file before anything was decoded.
#[derive(Debug)]
pub(super) struct Content {
    /// The used ones; where they are at fault, the first.
    pub(super) bytes: AlignedBytes,
    /// Of the file, all its bytes.
    pub(super) length: usize,
    /// What is wrong with the header.
    pub(super) fault: Option<Fault>,
}

/// A file whose header was read.
pub(super) struct Opened {
    pub(super) file: File,
    header: AlignedBytes,
    /// Of the file, all its bytes.
    length: usize,
    /// How many bytes of it count, or what is wrong with the header.
    pub(super) used: Result<usize, Fault>,
}

impl Content {
    /// Told from the first entry.
    pub(super) fn layout(&self) -> Option<Layout> {
        match self.fault {
            None => Layout::recognise(&self.bytes),
            Some(_) => None,
        }
    }

    /// Reads a file.
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        let opened = Opened::new(path)?;
        match opened.used {
            Ok(used) if used <= HEADER_LENGTH => Ok(Self {
                bytes: opened.header,
                length: opened.length,
                fault: None,
            }),
            Ok(used) => Self::read_whole(&opened.file, used, opened.length),
            Err(fault) => Ok(Self {
                bytes: AlignedBytes::read(&opened.file, opened.length.min(EVIDENCE_BYTES))?,
                length: opened.length,
                fault: Some(fault),
            }),
        }
    }

    fn read_whole(file: &File, used: usize, length: usize) -> io::Result<Self> {
        let bytes = AlignedBytes::read(file, used)?;
        let read = bytes.len();
        // It was cut off while it was read.
        if read < used {
            let fault = Some(Fault::UsedBeyondEnd { used, length: read });
            return Ok(Self {
                bytes,
                length: read,
                fault,
            });
        }
        Ok(Self {
            bytes,
            length,
            fault: None,
        })
    }

    /// Whether this is what a file holds, which is read some at a time into `storage`. A file whose header is wrong holds
    /// nothing.
    pub(super) fn is_still_in(&self, path: &Path, storage: &mut Vec<u8>) -> io::Result<bool> {
        let opened = Opened::new(path)?;
        match opened.used {
            Ok(used) if used <= HEADER_LENGTH => return Ok(*opened.header == *self.bytes),
            // Where it is another number, the header is another one.
            Ok(_) => {}
            Err(_) => return Ok(false),
        }
        for (number, piece) in self.bytes.chunks(PIECE_BYTES).enumerate() {
            let read = AlignedBytes::read_from(
                mem::take(storage),
                &opened.file,
                number * PIECE_BYTES,
                piece.len(),
            )?;
            if *read != *piece {
                return Ok(false);
            }
            *storage = read.into_storage();
        }
        Ok(true)
    }
}

impl Opened {
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        // A pipe with a `.db` name must not block the suite.
        let no_block = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        let file = OpenOptions::new().read(true).custom_flags(no_block).open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let header = AlignedBytes::read(&file, HEADER_LENGTH)?;
        // After the header: a writer that grows the file does so before it raises `used`.
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        let limit = MAX_USED_BYTES;
        let used = match entry::used(&header) {
            None => Err(Fault::NoHeader { length: header.len() }),
            // F2: zero or negative reads as empty.
            Some(used) => match usize::try_from(used).unwrap_or(0) {
                // Without an entry, and so without one that could be cut off, however short the file is.
                used if used <= HEADER_LENGTH => Ok(used),
                used if used > length => Err(Fault::UsedBeyondEnd { used, length }),
                used if used > limit => Err(Fault::TooLarge { used, limit }),
                used => Ok(used),
            },
        };
        Ok(Self {
            file,
            header,
            length,
            used,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    #[test]
    fn a_header_without_entries_is_empty_even_where_it_is_cut_off_f2() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("counter_1.db");
        for (used, length, is_empty) in [(8, 4, true), (8, 8, true), (5, 4, true), (9, 8, false)] {
            let header = [i32::to_ne_bytes(used), [0; 4]].concat();
            std::fs::write(&path, &header[..length]).unwrap();
            let content = Content::read(&path).unwrap();
            assert_eq!(content.fault.is_none(), is_empty, "{used} of {length}");
        }
    }

    #[test]
    fn a_file_that_is_cut_off_while_it_is_read_is_at_fault_m13() {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, &[7; 100]).unwrap();
        // It was of 300 bytes when its length was taken.
        for (used, length, fault) in [
            (99, 300, None),
            (100, 300, None),
            (
                101,
                100,
                Some(Fault::UsedBeyondEnd {
                    used: 101,
                    length: 100,
                }),
            ),
        ] {
            let content = Content::read_whole(&file, used, 300).unwrap();
            assert_eq!((content.length, content.fault), (length, fault));
            assert_eq!(content.bytes.len(), used.min(100));
        }
    }
}
