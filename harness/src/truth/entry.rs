//! One entry of a metric file: where it is, and what it holds.
//!
//! ```text
//! 0        4        8                                                     used            length
//! | used   | unused | entry | entry | …                                   | zeros …       |
//!
//! entry:  | key length: i32 | key: UTF-8 | 1 to 8 blanks | value: f64 | timestamp: f64 |
//!                                                        ^ a multiple of 8, counted from the file's beginning
//! ```
//!
//! Native-endian throughout (F2, F3). Layouts before python-16 have no timestamp.

use super::Fault;

/// `used`, and four bytes of nothing (F2).
pub(super) const HEADER_LENGTH: usize = size_of::<i32>() + 4;
const KEY_LENGTH_LENGTH: usize = size_of::<i32>();
const ALIGNMENT: usize = 8;

/// An entry whose key is still bytes.
pub(super) struct RawEntry<'file> {
    pub(super) key: &'file [u8],
    pub(super) value: f64,
    pub(super) timestamp: f64,
    /// Where the next entry begins.
    pub(super) end: usize,
}

/// `used` as the header has it; `None` for a file too short to have one.
pub(super) fn used(file: &[u8]) -> Option<i32> {
    file.first_chunk().map(|bytes| i32::from_ne_bytes(*bytes))
}

/// The entry at `offset` of a file of which `used` are the used bytes (F3).
///
/// The whole entry must lie within `used`. (In a file's first page the client reads a value beyond it, too;
/// no writer leaves such a file, since an entry's bytes precede `used`, F11.)
pub(super) fn read(used: &[u8], offset: usize, value_length: usize) -> Result<RawEntry<'_>, Fault> {
    let beyond = || Fault::BeyondUsed { used: used.len() };
    let rest = used.get(offset..).ok_or_else(beyond)?;
    let length = i32::from_ne_bytes(*rest.first_chunk().ok_or_else(beyond)?);
    let key_length = usize::try_from(length).map_err(|_| Fault::KeyLength { length })?;
    let padding = ALIGNMENT - (key_length + KEY_LENGTH_LENGTH) % ALIGNMENT;
    let key = rest
        .get(KEY_LENGTH_LENGTH..KEY_LENGTH_LENGTH + key_length)
        .ok_or_else(beyond)?;
    let value_at = KEY_LENGTH_LENGTH + key_length + padding;
    let values = rest.get(value_at..value_at + value_length).ok_or_else(beyond)?;
    // What a layout's values are too short for is not there: it reads as zero.
    let double = |at: usize| {
        values
            .get(at..)?
            .first_chunk()
            .map(|bytes| f64::from_ne_bytes(*bytes))
    };
    Ok(RawEntry {
        key,
        value: double(0).unwrap_or(0.0),
        timestamp: double(size_of::<f64>()).unwrap_or(0.0),
        end: offset + value_at + value_length,
    })
}

/// The key of the first entry, whatever the layout.
pub(super) fn first_key(used: &[u8]) -> Option<&[u8]> {
    read(used, HEADER_LENGTH, 0).ok().map(|entry| entry.key)
}

/// Whether entries with values of that length fill the used bytes to the last one.
pub(super) fn ends_at_used(used: &[u8], value_length: usize) -> bool {
    let mut offset = HEADER_LENGTH;
    while offset < used.len() {
        match read(used, offset, value_length) {
            Ok(entry) => offset = entry.end,
            Err(_) => return false,
        }
    }
    true
}
