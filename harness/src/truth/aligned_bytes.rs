//! Bytes of a file that others write meanwhile, read so that no double among them is halved.
//!
//! A writer stores a value as one aligned word (F3, F11), but nothing promises that `pread` copies it as one. On x86-64
//! the kernel copies with `rep movsb`. Where buffer and page lie alike to a cache line, that moves whole lines; where the
//! buffer lies less than 32 bytes behind, it moves single bytes, and an interrupt lets a writer in between two of them.
//! glibc puts every large allocation 16 bytes into a page, which is such a place. Measured with a writer that flips all
//! bits of every word (EPYC, Linux 6.18, on ext4 and tmpfs): there, one word in some 70,000 is read half old and half new,
//! and of eight bytes by themselves one in 6,000; where both lie alike, none was of eight billion. On processors whose
//! kernel copies otherwise it copies words of eight bytes, which are not halved where both sides are aligned.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::os::unix::fs::FileExt;

use rustix::buffer::spare_capacity;
use rustix::io::pread;

/// The longest unit in which a processor copies: a cache line.
const ALIGNMENT: usize = 64;

/// The beginning of a file, in memory that is aligned as the file is.
#[derive(Clone, Debug)]
pub(super) struct AlignedBytes {
    /// Longer than what was read by what alignment takes. A clone need not be aligned: nobody writes it.
    storage: Vec<u8>,
    start: usize,
    length: usize,
}

impl AlignedBytes {
    /// Up to `want` bytes from the beginning of `file`; fewer only where it ends.
    pub(super) fn read(file: &File, want: usize) -> io::Result<Self> {
        Self::read_from(Vec::new(), file, 0, want)
    }

    /// The same from byte `at` on, into memory that held something else.
    pub(super) fn read_from(mut storage: Vec<u8>, file: &File, at: usize, want: usize) -> io::Result<Self> {
        let room = want + 2 * ALIGNMENT;
        let is_new = storage.len() < room;
        if is_new {
            storage = Vec::with_capacity(room);
        }
        let start = storage.as_ptr().align_offset(ALIGNMENT) + at % ALIGNMENT;
        let place = |done: usize| (at + done) as u64;
        let length = if is_new {
            // What nobody has written yet need not be zeros before it is read into.
            storage.resize(start, 0);
            let length = fill(want, |done| {
                Ok(pread(file, spare_capacity(&mut storage), place(done))?)
            })?;
            storage.resize(room, 0);
            length
        } else {
            let target = &mut storage[start..start + want];
            fill(want, |done| file.read_at(&mut target[done..], place(done)))?
        };
        Ok(Self {
            storage,
            start,
            length: length.min(want),
        })
    }
}

/// Reads on, behind as many bytes as there are, until they are as many as are wanted or nothing follows; says how many.
fn fill(want: usize, mut read_on: impl FnMut(usize) -> io::Result<usize>) -> io::Result<usize> {
    let mut length = 0;
    while length < want {
        match read_on(length) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

impl AlignedBytes {
    /// The memory, for other bytes.
    pub(super) fn into_storage(self) -> Vec<u8> {
        self.storage
    }
}

impl Deref for AlignedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.storage[self.start..self.start + self.length]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test's unwrap is an assertion")]
mod tests {
    use super::*;

    /// A file of these bytes that gives three at a time, and fails once with that before each time.
    fn halting(
        file: &[u8],
        target: &mut Vec<u8>,
        kind: io::ErrorKind,
    ) -> impl FnMut(usize) -> io::Result<usize> {
        let mut fails = false;
        move |done| {
            assert_eq!(done, target.len());
            fails = !fails;
            if fails {
                return Err(kind.into());
            }
            let read = (file.len() - done).min(3);
            target.extend(&file[done..done + read]);
            Ok(read)
        }
    }

    #[test]
    fn a_read_that_is_cut_short_or_interrupted_goes_on_where_it_was_m13() {
        for (want, expected) in [(8, &b"12345678"[..]), (9, b"123456789"), (12, b"123456789")] {
            let mut target = Vec::new();
            let read = fill(
                want,
                halting(b"123456789", &mut target, io::ErrorKind::Interrupted),
            )
            .unwrap();
            assert_eq!((&target[..want.min(read)], read), (expected, target.len()));
        }
        let mut target = Vec::new();
        let error = fill(
            8,
            halting(b"123456789", &mut target, io::ErrorKind::PermissionDenied),
        )
        .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn what_is_read_lies_in_memory_as_in_the_file_wherever_that_begins_f11() {
        let bytes: Vec<u8> = (0..=255).cycle().take(4096).collect();
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, &bytes).unwrap();
        for at in [0, 8, 63, 64, 100, 4000] {
            for want in [0, 1, 96, 4096] {
                let read = AlignedBytes::read_from(Vec::new(), &file, at, want).unwrap();
                assert_eq!(read[..], bytes[at..(at + want).min(4096)]);
                assert_eq!(read.as_ptr().addr() % ALIGNMENT, at % ALIGNMENT);
            }
        }
    }

    #[test]
    fn a_file_takes_little_more_memory_than_it_has_bytes_and_the_next_one_takes_the_same() {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, &[7; 4096]).unwrap();
        let first = AlignedBytes::read(&file, 4096).unwrap();
        assert_eq!(first[..], [7; 4096]);
        let (place, storage) = (first.as_ptr(), first.into_storage());
        assert!(
            (4096..5000).contains(&storage.capacity()),
            "{} bytes",
            storage.capacity()
        );
        for want in [4000, 4096] {
            let next = AlignedBytes::read_from(storage.clone(), &file, 0, want).unwrap();
            assert_eq!(next[..], vec![7; want]);
        }
        assert_eq!(
            AlignedBytes::read_from(storage, &file, 0, 4096).unwrap().as_ptr(),
            place
        );
    }
}
