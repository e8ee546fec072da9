//! A mapped metric file and the cells in it: the only place with `unsafe` code.

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use memmap2::{MmapOptions, MmapRaw};

use super::writers::{AnyThread, Writers};
use crate::layout::USED_AT;

/// A shared mapping of a whole file, whose blocks are all allocated.
#[derive(Debug)]
pub(super) struct Mapping {
    map: MmapRaw,
}

impl Mapping {
    /// Maps the first `size` bytes. They must be allocated: a hole on a full disk would be a SIGBUS.
    pub(super) fn of(file: &File, size: usize) -> io::Result<Self> {
        let map = MmapOptions::new().len(size).map_raw(file)?;
        Ok(Self { map })
    }

    /// Copies bytes to a place that `used` does not cover yet.
    pub(super) fn write_unused(&self, at: usize, bytes: &[u8]) {
        assert!(at + bytes.len() <= self.map.len(), "inside the mapping");
        #[expect(unsafe_code, reason = "the file is mapped")]
        // SAFETY: the range lies in the mapping, and bytes behind `used` belong to the one
        // caller that holds the file's lock; no cell and no reader refers to them.
        unsafe {
            let target = self.map.as_mut_ptr().add(at);
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len());
        }
    }

    /// Publishes everything up to `used`; what was written before is seen by whoever sees it (F11).
    pub(super) fn publish_used(&self, used: i32) {
        #[expect(unsafe_code, reason = "the file is mapped")]
        // SAFETY: a mapping has at least a header, it begins at a page and so is aligned,
        // and this word is only ever accessed atomically.
        let field = unsafe { &*self.map.as_mut_ptr().add(USED_AT).cast::<AtomicI32>() };
        field.store(used, Ordering::Release);
    }

    /// The cell at an offset, which keeps the mapping alive.
    pub(super) fn cell<W: Writers>(self: &Arc<Self>, value_at: usize) -> Cell<W> {
        assert!(value_at.is_multiple_of(8), "cells are aligned (F3)");
        assert!(value_at + 16 <= self.map.len(), "inside the mapping");
        #[expect(unsafe_code, reason = "the file is mapped")]
        // SAFETY: the offset lies inside the mapping.
        let words = unsafe { self.map.as_mut_ptr().add(value_at) };
        let words = NonNull::new(words.cast()).expect("a mapping is not at address 0");
        Cell {
            words,
            _mapping: Arc::clone(self),
            _writers: PhantomData,
        }
    }
}

/// A value and its time in a metric file, shared by all threads that may write it. Clones refer to the same place.
#[derive(Debug, Clone)]
pub struct Cell<W = AnyThread> {
    words: NonNull<[AtomicU64; 2]>,
    _mapping: Arc<Mapping>,
    _writers: PhantomData<W>,
}

#[expect(unsafe_code, reason = "the file is mapped")]
// SAFETY: the pointer leads to atomics in a mapping that the cell keeps alive.
unsafe impl<W: Send> Send for Cell<W> {}
#[expect(unsafe_code, reason = "the file is mapped")]
// SAFETY: as for `Send`; every access is atomic.
unsafe impl<W: Sync> Sync for Cell<W> {}

impl<W: Writers> Cell<W> {
    #[inline]
    fn words(&self) -> &[AtomicU64; 2] {
        #[expect(unsafe_code, reason = "the file is mapped")]
        // SAFETY: both words lie in the mapping that `_mapping` keeps alive, are aligned, and
        // are only ever accessed atomically. An older, shorter mapping shows the same pages.
        unsafe {
            self.words.as_ref()
        }
    }

    /// The value.
    #[must_use]
    pub fn get(&self) -> f64 {
        f64::from_bits(self.words()[0].load(Ordering::Relaxed))
    }

    /// Adds to the value; the additions of all who may write are kept.
    #[inline]
    pub fn add(&self, amount: f64) {
        W::add(&self.words()[0], amount);
    }

    /// Replaces the value; the time stays (F8).
    #[inline]
    pub fn set(&self, value: f64) {
        self.words()[0].store(value.to_bits(), Ordering::Relaxed);
    }

    /// Replaces value and time. The value goes first: a reader in between, or after a kill, sees
    /// the new value with an old time, never an old value that passes as a recent one (F11).
    pub fn set_at(&self, value: f64, timestamp: f64) {
        let [value_word, time_word] = self.words();
        value_word.store(value.to_bits(), Ordering::Relaxed);
        time_word.store(timestamp.to_bits(), Ordering::Release);
    }
}
