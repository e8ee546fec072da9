//! One scrape: from the directory to the text. What has not changed since the last one is not made again.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use thiserror::Error;

use crate::directories::{Directories, ListError};
use crate::directory::Skipped;
use crate::exposition::{Format, restrict};
use crate::merge::{Merge, OverLimit};
use crate::mutant::{self, Mutant};
use crate::notice::notice;
use crate::own_metrics::OwnMetrics;

/// Why nothing can be served. A part of the sum would look like the whole.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "each says it by itself")]
pub enum ScrapeError {
    #[error(transparent)]
    List(#[from] ListError),
    #[error(transparent)]
    OverLimit(#[from] OverLimit),
    #[error("the scrape came to no end: {0}")]
    Unfinished(#[from] io::Error),
}

impl ScrapeError {
    /// Whether it is a limit that an operator has set, and not something broken.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::OverLimit(_) | Self::List(ListError::TooMany { .. }))
    }
}

/// Serves the merged metrics of directories.
#[derive(Debug)]
pub struct Scraper {
    mutant: Option<Mutant>,
    state: Mutex<State>,
    own: Arc<OwnMetrics>,
    /// What mutants remember between scrapes.
    memory: Mutex<Memory>,
}

/// What was read and written before.
#[derive(Debug)]
struct State {
    directories: Directories,
    merge: Merge,
    /// Files that were left out before; each is reported once, while it stays.
    reported: HashSet<PathBuf>,
    /// When the files began to be read that are held now.
    read_at: Option<Instant>,
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
    files: mutant::files::Memory,
    text: Option<String>,
}

impl Scraper {
    /// A scraper of that directory, which must be there.
    pub fn new(directory: impl Into<PathBuf>, mutant: Option<Mutant>) -> Self {
        let directories = Directories::required(directory.into());
        Self::over(directories, Merge::new(mutant), mutant)
    }

    /// A scraper of those directories that holds no more than so many bytes, as far as that can be estimated.
    #[must_use]
    pub fn of(directories: Directories, max_bytes: usize, mutant: Option<Mutant>) -> Self {
        Self::over(directories, Merge::new(mutant).within(max_bytes), mutant)
    }

    fn over(directories: Directories, merge: Merge, mutant: Option<Mutant>) -> Self {
        Self {
            mutant,
            state: Mutex::new(State {
                directories,
                merge,
                reported: HashSet::new(),
                read_at: None,
                bodies: Vec::new(),
            }),
            own: Arc::default(),
            memory: Mutex::default(),
        }
    }

    /// What it counts about itself.
    pub(crate) fn own_metrics(&self) -> Arc<OwnMetrics> {
        Arc::clone(&self.own)
    }

    /// The mutant that it serves as.
    #[must_use]
    pub fn mutant(&self) -> Option<Mutant> {
        self.mutant
    }

    /// Reads and merges all files and writes what `names` keep, or everything if there are none.
    ///
    /// # Errors
    /// If a directory cannot be listed, or a limit is reached. A broken file is left out and reported on stderr.
    pub fn scrape(&self, format: Format, names: &HashSet<String>) -> Result<Bytes, ScrapeError> {
        self.serve(format, names, false)
    }

    /// The same, compressed.
    ///
    /// # Errors
    /// As [`scrape`](Self::scrape).
    pub fn scrape_gzip(&self, format: Format, names: &HashSet<String>) -> Result<Bytes, ScrapeError> {
        self.serve(format, names, true)
    }

    /// What another scrape has made of files that were read since then, if there is such a one.
    pub(crate) fn made_since(&self, since: Instant, format: Format, gzip: bool) -> Option<Bytes> {
        let state = locked(&self.state);
        let is_later = state.read_at.is_some_and(|read_at| read_at >= since);
        let is_shared = is_later && self.mutant.is_none();
        state.body(format, gzip).filter(|_| is_shared)
    }

    fn serve(&self, format: Format, names: &HashSet<String>, gzip: bool) -> Result<Bytes, ScrapeError> {
        let mut state = locked(&self.state);
        self.update(&mut state)?;
        if names.is_empty()
            && let Some(bytes) = state.body(format, gzip)
        {
            return Ok(bytes);
        }
        if let Some(reason) = self.mutant.and_then(|mutant| self.refusal(mutant, &state.merge)) {
            return Err(io::Error::other(reason).into());
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

    /// Why a mutant fails the scrape, where it does.
    fn refusal(&self, mutant: Mutant, merge: &Merge) -> Option<&'static str> {
        let (fails, reason) = match mutant {
            Mutant::FailsBeforeTheFirstTask => (is_idle(merge), "nothing has been counted"),
            Mutant::FailsOnABadFile => (!merge.skipped().is_empty(), "a file cannot be read"),
            Mutant::AsksTheBroker => (
                mutant::broker::told().is_some_and(|broker| !mutant::broker::is_there(broker)),
                "the broker is away",
            ),
            Mutant::WaitsForTheBroker => {
                if let Some(broker) = mutant::broker::told() {
                    mutant::broker::wait_for(broker);
                }
                (false, "")
            }
            Mutant::LocksTheDirectory => (
                locked(&self.memory).files.is_locked_out(),
                "the directory cannot be locked",
            ),
            Mutant::FailsOnZeros => (locked(&self.memory).files.has_found_zeros(), "a file holds zeros"),
            _ => (false, ""),
        };
        fails.then_some(reason)
    }

    /// Reads what has changed, and drops what is therefore no longer right.
    fn update(&self, state: &mut State) -> Result<(), ScrapeError> {
        let read_at = Instant::now();
        state.read_at = None;
        let mut listing = state.directories.list()?;
        if let Some(mutant) = self.mutant {
            mutant::files::choose(mutant, &mut locked(&self.memory).files, &mut listing.files);
        }
        let updated = state.merge.update(listing);
        if !matches!(updated, Ok(false)) || self.mutant.is_some() {
            state.bodies.clear();
        }
        self.own.note_files(&state.merge);
        updated?;
        state.read_at = Some(read_at);
        report(state.merge.skipped(), &mut state.reported);
        Ok(())
    }

    fn write(&self, merge: &Merge, format: Format, names: &HashSet<String>) -> String {
        let mut families = merge.families();
        if !names.is_empty() && self.mutant != Some(Mutant::IgnoresNames) {
            restrict(&mut families, names);
        }
        let Some(mutant) = self.mutant else {
            return format.write(&families, None);
        };
        if mutant == Mutant::NothingForNames && !names.is_empty() {
            families.clear();
        }
        mutant::families::change(mutant, &mut families);
        let text = mutant::lines::change(mutant, format.write(&families, Some(mutant)));
        if mutant == Mutant::StaleCache && !families.is_empty() {
            return locked(&self.memory).text.get_or_insert(text).clone();
        }
        text
    }
}

impl State {
    fn body(&self, format: Format, gzip: bool) -> Option<Bytes> {
        let same = |body: &&Served| body.format == format && body.gzip == gzip;
        self.bodies.iter().find(same).map(|body| body.bytes.clone())
    }
}

/// Whether no worker has done anything yet.
fn is_idle(merge: &Merge) -> bool {
    let families = merge.families();
    let mut samples = families.iter().flat_map(|family| &family.samples);
    samples.all(|sample| sample.value == 0.0)
}

/// Says which files are left out that were not before.
fn report(skipped: &[Skipped], reported: &mut HashSet<PathBuf>) {
    for Skipped { path, fault } in skipped {
        if !reported.contains(path) {
            notice(format_args!("{} is left out: {fault}", path.display()));
        }
    }
    *reported = skipped.iter().map(|skipped| skipped.path.clone()).collect();
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn compressed(text: &str) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}
