//! Harm to the files that a client wrote, of the kinds that make a merge fail, or just not (M13, R11).

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What happens to a directory after it was recorded.
#[derive(Clone, Debug)]
pub(crate) enum Harm {
    /// Another file, with these bytes and zeros up to that length.
    Extra(&'static str, Vec<u8>, usize),
    /// One of the files is cut.
    Cut(Index, u64),
    /// One of the files promises more than it holds.
    Used(Index, i32),
}

/// Keys that no Python client merges.
pub(crate) const KEYS_OF_PYTHON: &[&[u8]] = &[
    b"[\"\xff\", \"c_total\", {}, \"h\"]",
    b"[\"c\", \"c_total\", {}",
    br#"["c", "c_total", {"l": "\ud800"}, "h"]"#,
    br#"["c", "c_total"]"#,
    b"",
];
/// Keys that Ruby's client does not merge; it takes labels from much that has none.
pub(crate) const KEYS_OF_RUBY: &[&[u8]] = &[br#"["c","c",[],[]"#, br#"["c","c"]"#, br#"["","c",[],[]]"#, b""];

pub(crate) fn harm(keys: &'static [&'static [u8]]) -> impl Strategy<Value = Harm> {
    let extra =
        |name: &'static str, bytes: &[u8], length: usize| Just(Harm::Extra(name, bytes.to_vec(), length));
    let header = |used: i32| [used.to_ne_bytes(), [0; 4]].concat();
    prop_oneof![
        1 => extra("counter_999-0.db", b"", 0),
        1 => extra("counter_999-0.db", b"\x08\x00", 2),
        1 => extra("counter_999-0.db", b"", 1 << 16),
        1 => extra("counter_999-0.db", &header(-5), 108),
        1 => extra("counter_999-0.db", &header(8), 108),
        1 => extra("application.db", b"SQLite format 3\0", 4096),
        1 => extra("application.db", b"", 4096),
        1 => extra("application_1.db", b"", 4096),
        2 => select(keys).prop_map(|key| Harm::Extra("counter_999-0.db", with_entry(key), 4096)),
        1 => (any::<Index>(), select(vec![0, 3, 7])).prop_map(|(at, length)| Harm::Cut(at, length)),
        1 => (any::<Index>(), select(vec![1 << 30, 1 << 21, i32::MAX])).prop_map(|(at, used)| Harm::Used(at, used)),
    ]
}

/// A file of one entry, with eight bytes of value: the layout does not matter, no key is right.
fn with_entry(key: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 8];
    bytes.extend(i32::try_from(key.len()).unwrap().to_ne_bytes());
    bytes.extend(key);
    bytes.push(b' ');
    while !bytes.len().is_multiple_of(8) {
        bytes.push(b' ');
    }
    bytes.extend(1.0_f64.to_ne_bytes());
    let used = i32::try_from(bytes.len()).unwrap();
    bytes[..4].copy_from_slice(&used.to_ne_bytes());
    bytes
}

impl Harm {
    /// Does it to the files of `dir`.
    pub(crate) fn strike(&self, dir: &Path, files: &[String]) -> io::Result<()> {
        let victim = |at: &Index| -> Option<PathBuf> { (!files.is_empty()).then(|| dir.join(at.get(files))) };
        match self {
            Self::Extra(name, bytes, length) => {
                let mut bytes = bytes.clone();
                bytes.resize(*length, 0);
                fs::write(dir.join(name), bytes)
            }
            Self::Cut(at, length) => match victim(at) {
                Some(path) => OpenOptions::new().write(true).open(path)?.set_len(*length),
                None => Ok(()),
            },
            Self::Used(at, used) => match victim(at) {
                Some(path) => OpenOptions::new()
                    .write(true)
                    .open(path)?
                    .write_all_at(&used.to_ne_bytes(), 0),
                None => Ok(()),
            },
        }
    }
}
