//! The byte layout of a metric file, `python-16` (F2, F3, F5).
//!
//! ```text
//!  file    0        4        8                                     used        size
//!          +--------+--------+---------+---------+-----------------+-----------+
//!          | used   | zeros  | entry 0 | entry 1 | …               | zeros     |
//!          | i32    | 4      |         |         |                 |           |
//!          +--------+--------+---------+---------+-----------------+-----------+
//!
//!  entry   0        4                4+len        V        V+8       V+16
//!          +--------+----------------+------------+--------+---------+
//!          | len    | key, UTF-8     | 1–8 spaces | value  | time    |
//!          | i32    | len bytes      |            | f64    | f64     |
//!          +--------+----------------+------------+--------+---------+
//! ```
//!
//! Numbers are in native byte order. The spaces end at a multiple of eight, so
//! every value and every time is aligned and can be accessed as one atomic word.

use thiserror::Error;

/// Where `used` stands: how many bytes of the file are in use, from byte 0 (F2).
pub const USED_AT: usize = 0;
/// Where the first entry stands, and the `used` of a file without entries (F2).
pub const FIRST_ENTRY_AT: usize = USED_AT + 8;
/// The size of a new file in bytes (F5).
pub const INITIAL_SIZE: usize = 64 * 1024;

/// Length of an entry's `len` field.
const LENGTH_SIZE: usize = 4;
/// Length of a value together with its time.
pub const CELL_SIZE: usize = 16;
/// What entries are aligned to.
const ALIGNMENT: usize = 8;

/// One entry, as it lies in a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry<'a> {
    /// The undecoded key.
    pub key: &'a [u8],
    /// The value.
    pub value: f64,
    /// UNIX time in seconds, 0 unless set in a mostrecent mode (F8).
    pub timestamp: f64,
    /// Where the value stands in the file.
    pub value_at: usize,
}

/// Why bytes are no metric file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// There is no room for the header.
    #[error("{size} bytes are too few for the header")]
    NoHeader {
        /// Size of the file in bytes.
        size: usize,
    },
    /// `used` points behind the end.
    #[error("{used} bytes are said to be used, there are {size}")]
    UsedBeyondEnd {
        /// The header's field.
        used: usize,
        /// Size of the file in bytes.
        size: usize,
    },
    /// An entry is cut off by `used`, or its length is negative.
    #[error("the entry at offset {offset} has length {length} and does not fit in {used} used bytes")]
    EntryBeyondUsed {
        /// Where the entry begins.
        offset: usize,
        /// The entry's length field.
        length: i32,
        /// The header's field.
        used: usize,
    },
}

/// How many bytes of a file are in use; zero or negative reads as empty (F2).
pub fn used(bytes: &[u8]) -> Result<usize, LayoutError> {
    let Some(field) = bytes.first_chunk::<4>() else {
        return Err(LayoutError::NoHeader { size: bytes.len() });
    };
    Ok(usize::try_from(i32::from_ne_bytes(*field))
        .unwrap_or(0)
        .max(FIRST_ENTRY_AT))
}

/// Length of the spaces behind a key (F3): 1 to 8, never 0.
fn padding(key_length: usize) -> usize {
    ALIGNMENT - (key_length + LENGTH_SIZE) % ALIGNMENT
}

/// Length of an entry with a key of that length.
pub fn entry_size(key_length: usize) -> usize {
    LENGTH_SIZE + key_length + padding(key_length) + CELL_SIZE
}

/// The bytes of a new entry with value and time 0 (F3).
///
/// # Panics
/// If the key is longer than an `i32` can say.
#[must_use]
pub fn encode_entry(key: &[u8]) -> Vec<u8> {
    let length = i32::try_from(key.len()).expect("a key is shorter than 2 GiB");
    let mut bytes = Vec::with_capacity(entry_size(key.len()));
    bytes.extend_from_slice(&length.to_ne_bytes());
    bytes.extend_from_slice(key);
    bytes.resize(bytes.len() + padding(key.len()), b' ');
    bytes.resize(bytes.len() + CELL_SIZE, 0);
    bytes
}

/// The entries of a file, of which at least `used` bytes are given.
///
/// # Errors
/// The first item is an error if the header is not sound; after an error nothing follows.
pub fn entries(bytes: &[u8]) -> Entries<'_> {
    let (used, fault) = match used(bytes) {
        Ok(used) if used == FIRST_ENTRY_AT || used <= bytes.len() => (used, None),
        Ok(used) => {
            let size = bytes.len();
            (used, Some(LayoutError::UsedBeyondEnd { used, size }))
        }
        Err(fault) => (FIRST_ENTRY_AT, Some(fault)),
    };
    Entries {
        bytes,
        used,
        at: FIRST_ENTRY_AT,
        fault,
    }
}

/// Iterator over the entries of a file.
#[derive(Debug)]
pub struct Entries<'a> {
    bytes: &'a [u8],
    used: usize,
    at: usize,
    fault: Option<LayoutError>,
}

impl<'a> Entries<'a> {
    #[inline]
    fn entry_at(&self, offset: usize) -> Result<Entry<'a>, LayoutError> {
        let used = self.used;
        let in_use = &self.bytes[..used];
        let beyond = |length| LayoutError::EntryBeyondUsed { offset, length, used };
        let field = in_use[offset..].first_chunk().ok_or(beyond(0))?;
        let length = i32::from_ne_bytes(*field);
        let key_length = usize::try_from(length).map_err(|_| beyond(length))?;
        let key_at = offset + LENGTH_SIZE;
        let value_at = offset + entry_size(key_length) - CELL_SIZE;
        let cell = in_use.get(value_at..value_at + CELL_SIZE).ok_or(beyond(length))?;
        let word = |at: usize| cell[at..].first_chunk().copied().unwrap_or_default();
        Ok(Entry {
            key: &in_use[key_at..key_at + key_length],
            value: f64::from_ne_bytes(word(0)),
            timestamp: f64::from_ne_bytes(word(8)),
            value_at,
        })
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, LayoutError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(fault) = self.fault.take() {
            self.at = self.used;
            return Some(Err(fault));
        }
        if self.at >= self.used {
            return None;
        }
        let entry = self.entry_at(self.at);
        self.at = match &entry {
            Ok(entry) => entry.value_at + CELL_SIZE,
            Err(_) => self.used,
        };
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f3_padding_is_one_to_eight_spaces_and_aligns_the_value() {
        for length in 0..40 {
            let bytes = encode_entry(&vec![b'k'; length]);
            assert_eq!(bytes.len() % 8, 0);
            let spaces = bytes.iter().filter(|byte| **byte == b' ').count();
            assert!((1..=8).contains(&spaces), "{spaces} spaces for {length}");
        }
    }

    #[test]
    fn f2_zero_and_negative_used_read_as_empty() {
        for used in [0_i32, -1, i32::MIN] {
            let mut file = vec![0; 64];
            file[..4].copy_from_slice(&used.to_ne_bytes());
            assert_eq!(entries(&file).count(), 0);
        }
        assert_eq!(entries(&[0; 4]).count(), 0);
    }

    #[test]
    fn m13_a_file_without_header_and_one_cut_off_are_errors() {
        assert_eq!(entries(&[]).next(), Some(Err(LayoutError::NoHeader { size: 0 })));
        let mut file = vec![0; 16];
        file[..4].copy_from_slice(&100_i32.to_ne_bytes());
        assert_eq!(
            entries(&file).collect::<Vec<_>>(),
            [Err(LayoutError::UsedBeyondEnd { used: 100, size: 16 })]
        );
    }

    #[test]
    fn m13_an_entry_behind_used_or_with_a_negative_length_ends_the_walk() {
        for length in [-1_i32, 9, i32::MAX] {
            let mut file = vec![0; 32];
            file[..4].copy_from_slice(&32_i32.to_ne_bytes());
            file[8..12].copy_from_slice(&length.to_ne_bytes());
            let walked: Vec<_> = entries(&file).collect();
            let expected = LayoutError::EntryBeyondUsed {
                offset: 8,
                length,
                used: 32,
            };
            assert_eq!(walked, [Err(expected)]);
        }
    }
}
