//! The used bytes of a metric file, in memory that serves one file after the other.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::os::unix::fs::FileExt;

/// What a processor copies at once: a cache line.
const ALIGNMENT: usize = 64;

/// The beginning of a file, aligned in memory as it is in the file's page.
///
/// Elsewhere the kernel of an x86-64 may copy byte by byte, and a value that a process writes meanwhile is read half old
/// and half new. glibc puts large allocations at just such a place, so a `Vec` will not do.
#[derive(Debug, Default)]
pub struct UsedBytes {
    storage: Vec<u8>,
    start: usize,
    length: usize,
}

impl UsedBytes {
    pub(crate) fn clear(&mut self) {
        self.length = 0;
    }

    /// Reads on to `end`, from where the bytes end that are held.
    pub(crate) fn read_on(&mut self, file: &File, end: usize) -> io::Result<()> {
        let from = self.length;
        self.make_room(end);
        let target = &mut self.storage[self.start + from..self.start + end];
        file.read_exact_at(target, from as u64)?;
        self.length = end;
        Ok(())
    }

    /// Ends in zeros at `end`, as a file does that is shorter than its header says.
    pub(crate) fn fill_up(&mut self, end: usize) {
        let from = self.length;
        self.make_room(end);
        self.storage[self.start + from..self.start + end].fill(0);
        self.length = end;
    }

    /// Room for `end` bytes; those that are held stay.
    fn make_room(&mut self, end: usize) {
        if self.start + end <= self.storage.len() {
            return;
        }
        let held = self.to_vec();
        self.storage = vec![0; end + ALIGNMENT - 1];
        self.start = self.storage.as_ptr().align_offset(ALIGNMENT);
        self.storage[self.start..self.start + held.len()].copy_from_slice(&held);
    }
}

impl Deref for UsedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.storage[self.start..self.start + self.length]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    #[test]
    fn they_lie_in_memory_as_in_a_page_whatever_their_number() {
        let file = tempfile::tempfile().unwrap();
        let content: Vec<u8> = (0..400_000_u32).map(|at| at as u8).collect();
        file.write_all_at(&content, 0).unwrap();
        let mut bytes = UsedBytes::default();
        for end in [8, 100, 5_000, 70_000, 200_000, 64, 400_000] {
            bytes.clear();
            bytes.read_on(&file, 8).unwrap();
            bytes.read_on(&file, end).unwrap();
            assert_eq!(*bytes, content[..end]);
            assert!(bytes.as_ptr().addr().is_multiple_of(ALIGNMENT), "{end}");
        }
    }

    #[test]
    fn what_is_filled_up_ends_in_zeros_though_another_file_was_longer() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&[7; 100], 0).unwrap();
        let mut bytes = UsedBytes::default();
        bytes.read_on(&file, 100).unwrap();
        bytes.clear();
        bytes.read_on(&file, 4).unwrap();
        bytes.fill_up(8);
        assert_eq!(*bytes, [7, 7, 7, 7, 0, 0, 0, 0]);
    }
}
