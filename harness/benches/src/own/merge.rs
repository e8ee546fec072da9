//! Merging, and the least that it could take.

use std::fs::{self, File};
use std::hint::black_box;
use std::path::PathBuf;

use anyhow::Context;
use counterfoil::truth::MergedText;

/// `counterfoil merge`, without the process's start and its output's way out.
#[derive(Debug, clap::Args)]
pub(crate) struct Merge {
    dir: PathBuf,
    threads: usize,
}

impl Merge {
    pub(super) fn serve(&self) -> anyhow::Result<()> {
        super::serve(|| {
            black_box(MergedText::read(&self.dir, self.threads)?);
            Ok(())
        })
    }
}

/// The limit: each file mapped, each used byte read.
#[derive(Debug, clap::Args)]
pub(crate) struct Touch {
    dir: PathBuf,
}

impl Touch {
    pub(super) fn serve(&self) -> anyhow::Result<()> {
        super::serve(|| {
            let mut sum = 0_u64;
            for entry in fs::read_dir(&self.dir)? {
                sum = sum.wrapping_add(sum_of(&File::open(entry?.path())?)?);
            }
            black_box(sum);
            Ok(())
        })
    }
}

fn sum_of(file: &File) -> anyhow::Result<u64> {
    #[expect(unsafe_code, reason = "the file is mapped")]
    // SAFETY: nobody writes to a data set, or cuts it off, while it is measured.
    let map = unsafe { memmap2::Mmap::map(file)? };
    let header = map.first_chunk().context("a file without header")?;
    let used = usize::try_from(i32::from_ne_bytes(*header))?;
    let (words, _) = map[..used].as_chunks();
    Ok(words
        .iter()
        .fold(0, |sum: u64, word| sum.wrapping_add(u64::from_ne_bytes(*word))))
}
