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
        Self::read_into(Vec::new(), file, want)
    }

    /// As [`read`](Self::read), into memory that held something else.
    pub(super) fn read_into(mut storage: Vec<u8>, file: &File, want: usize) -> io::Result<Self> {
        let room = want + ALIGNMENT - 1;
        if storage.capacity() < room {
            // Anew, which the system gives filled with zeros.
            storage = vec![0; room];
        } else if storage.len() < room {
            storage.resize(room, 0);
        }
        let start = storage.as_ptr().align_offset(ALIGNMENT);
        let target = &mut storage[start..start + want];
        let mut length = 0;
        while length < want {
            match file.read_at(&mut target[length..], length as u64) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self {
            storage,
            start,
            length,
        })
    }
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
