//! One scrape: from the directory to the text. What has not changed since the last one is not made again.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::directory::{Listing, MetricPath, Skipped};
use crate::exposition::{Format, restrict};
use crate::merge::Merge;
use crate::mutant::Mutant;
use crate::notice::notice;

/// Serves the merged metrics of a directory.
#[derive(Debug)]
pub struct Scraper {
    directory: PathBuf,
    mutant: Option<Mutant>,
    state: Mutex<State>,
    /// Files that were left out before; each is reported once.
    reported: Mutex<HashSet<PathBuf>>,
    /// What mutants remember between scrapes.
    memory: Mutex<Memory>,
}

/// What was read and written before.
#[derive(Debug)]
struct State {
    merge: Merge,
    /// What was served last, while it is still right.
    bodies: Vec<Served>,
}

/// What was served, and as what.
#[derive(Debug, Clone)]
struct Served {
    format: Format,
    gzip: bool,
    bytes: Bytes,
}

/// What only a mutant remembers.
#[derive(Debug, Default)]
struct Memory {
    scrapes: u64,
    files: Vec<MetricPath>,
    text: Option<String>,
}

impl Scraper {
    /// A scraper of that directory.
    pub fn new(directory: impl Into<PathBuf>, mutant: Option<Mutant>) -> Self {
        Self {
            directory: directory.into(),
            mutant,
            state: Mutex::new(State {
                merge: Merge::new(mutant),
                bodies: Vec::new(),
            }),
            reported: Mutex::default(),
            memory: Mutex::default(),
        }
    }

    /// The mutant that it serves as.
    #[must_use]
    pub fn mutant(&self) -> Option<Mutant> {
        self.mutant
    }

    /// Reads and merges all files and writes what `names` keep, or everything if there are none.
    ///
    /// # Errors
    /// If the directory cannot be listed. A broken file is left out and reported on stderr.
    pub fn scrape(&self, format: Format, names: &HashSet<String>) -> io::Result<Bytes> {
        self.serve(format, names, false)
    }

    /// The same, compressed.
    ///
    /// # Errors
    /// As [`scrape`](Self::scrape).
    pub fn scrape_gzip(&self, format: Format, names: &HashSet<String>) -> io::Result<Bytes> {
        self.serve(format, names, true)
    }

    fn serve(&self, format: Format, names: &HashSet<String>, gzip: bool) -> io::Result<Bytes> {
        let mut listing = Listing::of(&self.directory)?;
        if self.mutant.is_some() {
            self.mutate(&mut listing.files);
        }
        let mut state = locked(&self.state);
        if state.merge.update(listing).map_err(io::Error::other)? || self.mutant.is_some() {
            state.bodies.clear();
        }
        self.report(state.merge.skipped());
        let same = |body: &&Served| body.format == format && body.gzip == gzip;
        if names.is_empty()
            && let Some(body) = state.bodies.iter().find(same)
        {
            return Ok(body.bytes.clone());
        }
        let text = self.write(&state.merge, format, names);
        let bytes = Bytes::from(if gzip {
            compressed(&text)?
        } else {
            text.into_bytes()
        });
        if names.is_empty() {
            let bytes = bytes.clone();
            state.bodies.push(Served { format, gzip, bytes });
        }
        Ok(bytes)
    }

    fn write(&self, merge: &Merge, format: Format, names: &HashSet<String>) -> String {
        let mut families = merge.families();
        if !names.is_empty() {
            restrict(&mut families, names);
        }
        let text = format.write(&families, self.mutant);
        if self.mutant == Some(Mutant::StaleCache) && !families.is_empty() {
            return locked(&self.memory).text.get_or_insert(text).clone();
        }
        text
    }

    fn report(&self, skipped: &[Skipped]) {
        let mut reported = locked(&self.reported);
        for Skipped { path, fault } in skipped {
            if reported.insert(path.clone()) {
                notice(format_args!("{} is left out: {fault}", path.display()));
            }
        }
    }

    /// The mutants that choose which files are read.
    fn mutate(&self, files: &mut Vec<MetricPath>) {
        let mut memory = locked(&self.memory);
        memory.scrapes += 1;
        let ids = || files.iter().map(|file| file.name.id.clone());
        let (first, last) = (ids().min(), ids().max());
        let is = |id: &Option<String>, file: &MetricPath| id.as_ref() == Some(&file.name.id);
        match self.mutant {
            Some(Mutant::ServesOwnProcess) => files.retain(|file| is(&first, file)),
            Some(Mutant::GoesBackwards) if memory.scrapes.is_multiple_of(2) => {
                files.retain(|file| is(&first, file));
            }
            Some(Mutant::DropsAProcess) if first != last => files.retain(|file| !is(&last, file)),
            Some(Mutant::CountsAProcessTwice) => {
                let again: Vec<_> = files.iter().filter(|file| is(&first, file)).cloned().collect();
                files.extend(again);
            }
            Some(Mutant::ForgetsNewFiles) => {
                if memory.files.is_empty() {
                    memory.files.clone_from(files);
                }
                files.clone_from(&memory.files);
            }
            _ => {}
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn compressed(text: &str) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}
