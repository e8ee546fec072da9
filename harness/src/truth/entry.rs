//! One entry of a metric file: where it is, and what it holds.
//!
//! ```text
//! 0        4        8                                                     used            length
//! | used   | unused | entry | entry | …                                   | zeros …       |
//!
//! entry:  | key length: i32 | key: UTF-8 | 1 to 8 blanks | value: f64 | …
//!                                                        ^ a multiple of 8, counted from the file's beginning
//! ```
//!
//! Native-endian throughout (F2, F3, R2): the frame of every layout. What a key is, and whether a timestamp
//! follows the value, is the layout's own ([`Layout`](super::Layout)).

use super::Fault;

/// `used`, and four bytes of nothing (F2).
pub(super) const HEADER_LENGTH: usize = size_of::<i32>() + 4;
/// Where a timestamp is, counted from the value.
pub(super) const TIMESTAMP_AT: usize = size_of::<f64>();
const KEY_LENGTH_LENGTH: usize = size_of::<i32>();
const ALIGNMENT: usize = 8;
/// The longest key that is decoded. Labels of some characters may take ten times their bytes, and no client has a key
/// of more than some thousand.
const MAX_KEY_BYTES: usize = 1 << 20;

/// An entry whose key is still bytes.
pub(super) struct RawEntry<'file> {
    pub(super) key: &'file [u8],
    /// What follows the key and its padding, as many bytes as were asked for.
    pub(super) values: &'file [u8],
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
    let value_at = KEY_LENGTH_LENGTH + key_length + padding;
    let entry = rest.get(..value_at + value_length).ok_or_else(beyond)?;
    let (key, values) = entry.split_at(value_at);
    let key = &key[KEY_LENGTH_LENGTH..KEY_LENGTH_LENGTH + key_length];
    if key_length > MAX_KEY_BYTES {
        return Err(Fault::KeyTooLong {
            length: key_length,
            limit: MAX_KEY_BYTES,
        });
    }
    Ok(RawEntry {
        key,
        values,
        end: offset + value_at + value_length,
    })
}

impl RawEntry<'_> {
    /// The double that is `at` bytes behind the value's first; zero where the layout has none.
    pub(super) fn double(&self, at: usize) -> f64 {
        let bytes = self.values.get(at..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0.0, |bytes| f64::from_ne_bytes(*bytes))
    }
}
