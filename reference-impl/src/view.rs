//! A metric file as a reader maps it: the header and the values as they are now, without a copy.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use memmap2::{MmapOptions, MmapRaw};

use crate::layout::{CELL_SIZE, FIRST_ENTRY_AT, USED_AT};

/// A read-only mapping of a whole file.
///
/// Whoever cuts the file off ends every process that reads behind the new end, the worker that writes it first of all:
/// no metric file ever shrinks (F5). A reader looks at the file's size before each use nevertheless.
#[derive(Debug)]
pub(crate) struct View {
    map: MmapRaw,
}

impl View {
    /// Maps the first `size` bytes, which must have room for a header.
    pub(crate) fn of(file: &File, size: usize) -> io::Result<Self> {
        if size < FIRST_ENTRY_AT {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let map = MmapOptions::new().len(size).map_raw_read_only(file)?;
        Ok(Self { map })
    }

    /// The header's field; whatever it covers has been written before (F11).
    pub(crate) fn used(&self) -> i32 {
        #[expect(unsafe_code, reason = "the file is mapped")]
        // SAFETY: a mapping has at least a header, it begins at a page and so is aligned, and whoever writes this
        // word from another process does so as a whole.
        let field = unsafe { &*self.map.as_ptr().add(USED_AT).cast::<AtomicI32>() };
        field.load(Ordering::Acquire)
    }

    /// The bits of a value and of its time.
    pub(crate) fn cell(&self, value_at: usize) -> [u64; 2] {
        assert!(value_at.is_multiple_of(8), "cells are aligned (F3)");
        assert!(value_at + CELL_SIZE <= self.map.len(), "inside the mapping");
        #[expect(unsafe_code, reason = "the file is mapped")]
        // SAFETY: both words lie inside the mapping and are aligned; writers write each as a whole.
        let words = unsafe { &*self.map.as_ptr().add(value_at).cast::<[AtomicU64; 2]>() };
        // Against the order of writing, which is value, then time: an old value never passes as a recent one.
        let time = words[1].load(Ordering::Acquire);
        [words[0].load(Ordering::Relaxed), time]
    }
}
