//! Metric files as a process writes them (F1, F2, F3, F5, F10, F11).

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::{CWD, FallocateFlags, RenameFlags};
use rustix::io::Errno;
use thiserror::Error;

use super::Writers;
use super::mapping::{Cell, Mapping};
use crate::file_name::{FileName, Kind};
use crate::key::Key;
use crate::layout::{self, CELL_SIZE, FIRST_ENTRY_AT, INITIAL_SIZE, LayoutError};

/// Why a metric file cannot be written.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be created, opened or read.
    #[error("cannot open {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// There are no blocks for it, most often because the disk is full.
    #[error("cannot allocate {size} bytes for {path}")]
    Allocate {
        /// The file.
        path: PathBuf,
        /// What it was to grow to, in bytes.
        size: usize,
        /// The system's reason.
        source: io::Error,
    },
    /// It cannot be mapped.
    #[error("cannot map {size} bytes of {path}")]
    Map {
        /// The file.
        path: PathBuf,
        /// How much, in bytes.
        size: usize,
        /// The system's reason.
        source: io::Error,
    },
    /// What stands there is no metric file that could be continued.
    #[error("{path} is corrupt")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where it breaks.
        source: LayoutError,
    },
    /// The header cannot say more than 2 GiB.
    #[error("{path} is full at {used} bytes")]
    Full {
        /// The file.
        path: PathBuf,
        /// Bytes in use.
        used: usize,
    },
}

/// All files of one process: one for each kind of metric, opened at first use.
#[derive(Debug)]
pub struct MetricFiles {
    directory: PathBuf,
    pid: u32,
    open: Mutex<HashMap<Kind, Arc<MetricFile>>>,
}

impl MetricFiles {
    /// The files of process `pid` in `directory`; nothing is created yet.
    pub fn new(directory: impl Into<PathBuf>, pid: u32) -> Self {
        Self {
            directory: directory.into(),
            pid,
            open: Mutex::default(),
        }
    }

    /// Whether a file that was opened has been removed: what is recorded from then on nobody finds (C14).
    pub fn are_removed(&self) -> bool {
        locked(&self.open).values().any(|file| file.is_removed())
    }

    /// The cells of keys that differ, in the file of that kind. Those that are new are created with value 0, and no
    /// reader finds some of them without the others.
    ///
    /// # Errors
    /// If the file cannot be opened or cannot grow; then none is created.
    pub fn cells<W: Writers>(&self, kind: Kind, keys: &[Key]) -> Result<Vec<Cell<W>>, FileError> {
        let mut open = locked(&self.open);
        let file = match open.get(&kind) {
            Some(file) => Arc::clone(file),
            None => {
                let name = FileName::of(kind, self.pid).to_string();
                let file = Arc::new(MetricFile::open(&self.directory, &name)?);
                open.insert(kind, Arc::clone(&file));
                file
            }
        };
        drop(open);
        let keys: Vec<String> = keys.iter().map(Key::encode).collect();
        file.cells_for(&keys)
    }
}

/// One metric file, open for writing by this process alone, from any number of threads.
#[derive(Debug)]
pub struct MetricFile {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    mapping: Arc<Mapping>,
    capacity: usize,
    used: usize,
    value_offsets: HashMap<Box<str>, usize>,
}

impl MetricFile {
    fn is_removed(&self) -> bool {
        locked(&self.state)
            .file
            .metadata()
            .is_ok_and(|file| file.nlink() == 0)
    }

    /// Opens a file to continue it (F10), or creates it with 64 KiB (F5).
    ///
    /// # Errors
    /// If it cannot be opened, allocated or mapped, or is no sound metric file.
    pub fn open(directory: &Path, name: &str) -> Result<Self, FileError> {
        let path = directory.join(name);
        let file = match open_for_update(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(directory, name)?,
            Err(source) => return Err(FileError::Open { path, source }),
        };
        let state = State::of(file, &path)?;
        Ok(Self {
            path,
            state: Mutex::new(state),
        })
    }

    /// The cell of a key, created with value 0 if it is new.
    ///
    /// # Errors
    /// If the file cannot grow.
    pub fn cell(&self, key: &str) -> Result<Cell, FileError> {
        let mut cells = self.cells_for(&[key])?;
        Ok(cells.pop().expect("each key has a cell"))
    }

    /// The cells of keys that differ, for those who may write them; the new ones are published at once.
    fn cells_for<W: Writers>(&self, keys: &[impl AsRef<str>]) -> Result<Vec<Cell<W>>, FileError> {
        let mut state = locked(&self.state);
        let mut entries = Vec::new();
        let mut created = Vec::new();
        for key in keys.iter().map(AsRef::as_ref) {
            if !state.value_offsets.contains_key(key) {
                entries.extend(layout::encode_entry(key.as_bytes()));
                created.push((key.into(), state.used + entries.len() - CELL_SIZE));
            }
        }
        if !entries.is_empty() {
            state.append(&entries, &self.path)?;
            state.value_offsets.extend(created);
        }
        let cell = |key: &str| state.mapping.cell(state.value_offsets[key]);
        Ok(keys.iter().map(AsRef::as_ref).map(cell).collect())
    }
}

impl State {
    fn of(file: File, path: &Path) -> Result<Self, FileError> {
        let failed = |source| FileError::Open {
            path: path.to_owned(),
            source,
        };
        let corrupt = |source| FileError::Corrupt {
            path: path.to_owned(),
            source,
        };
        let size = usize::try_from(file.metadata().map_err(failed)?.len())
            .map_err(|_| failed(Errno::FBIG.into()))?;
        let capacity = if size == 0 { INITIAL_SIZE } else { size };
        // A file that someone else made may have holes.
        allocate(&file, path, 0, capacity)?;
        let mut bytes = vec![0; FIRST_ENTRY_AT.min(capacity)];
        file.read_exact_at(&mut bytes, 0).map_err(failed)?;
        let used = layout::used(&bytes).map_err(corrupt)?;
        if used > capacity {
            return Err(corrupt(LayoutError::UsedBeyondEnd { used, size: capacity }));
        }
        bytes.resize(used, 0);
        file.read_exact_at(&mut bytes, 0).map_err(failed)?;
        let value_offsets = value_offsets(&bytes).map_err(corrupt)?;
        let mapping = map(&file, path, capacity)?;
        mapping.publish_used(i32::try_from(used).expect("it was read from an i32"));
        Ok(Self {
            file,
            mapping,
            capacity,
            used,
            value_offsets,
        })
    }

    /// Writes entries behind `used` and raises it once, so that a reader sees all of them or none (F11).
    fn append(&mut self, entries: &[u8], path: &Path) -> Result<(), FileError> {
        let used = self.used;
        let new_used = used + entries.len();
        let Ok(new_used_field) = i32::try_from(new_used) else {
            let path = path.to_owned();
            return Err(FileError::Full { path, used });
        };
        self.grow_to(new_used, path)?;
        self.mapping.write_unused(used, entries);
        self.mapping.publish_used(new_used_field);
        self.used = new_used;
        Ok(())
    }

    /// Doubles the file until `size` bytes fit. Cells in the old mapping stay valid.
    fn grow_to(&mut self, size: usize, path: &Path) -> Result<(), FileError> {
        let mut capacity = self.capacity;
        while capacity < size {
            capacity *= 2;
        }
        if capacity > self.capacity {
            allocate(&self.file, path, self.capacity, capacity)?;
            self.mapping = map(&self.file, path, capacity)?;
            self.capacity = capacity;
        }
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half done where a holder could panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open_for_update(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).open(path)
}

/// Creates a file under a hidden name and renames it when its header stands: no reader ever
/// finds an empty `*.db`, which the Python client answers with an error (C6).
fn create(directory: &Path, name: &str) -> Result<File, FileError> {
    let path = directory.join(name);
    let draft = directory.join(format!(".{name}.{}.new", std::process::id()));
    let failed = |source| FileError::Open {
        path: path.clone(),
        source,
    };
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(true);
    let file = options.open(&draft).map_err(failed)?;
    let header = i32::try_from(FIRST_ENTRY_AT).expect("8 is small").to_ne_bytes();
    let placed = allocate(&file, &path, 0, INITIAL_SIZE)
        .and_then(|()| file.write_all_at(&header, layout::USED_AT as u64).map_err(failed))
        .and_then(|()| rename_to_new(&draft, &path).map_err(failed));
    if placed.is_err() {
        // The draft is of no use; what matters is the error before.
        let _ = std::fs::remove_file(&draft);
    }
    match placed {
        Ok(()) => Ok(file),
        // Someone else with this id was faster: continue theirs.
        Err(FileError::Open { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
            open_for_update(&path).map_err(failed)
        }
        Err(error) => Err(error),
    }
}

/// Renames a file to a name that nothing has yet, as far as the file system can tell.
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS) => std::fs::rename(from, to),
        renamed => Ok(renamed?),
    }
}

/// Gives a range of the file blocks of its own, so that writing to the mapping cannot fail.
fn allocate(file: &File, path: &Path, from: usize, to: usize) -> Result<(), FileError> {
    let length = (to - from) as u64;
    let allocated = match rustix::fs::fallocate(file, FallocateFlags::empty(), from as u64, length) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => write_zeros_behind_the_end(file, to as u64),
        Err(Errno::INTR) => return allocate(file, path, from, to),
        other => other.map_err(io::Error::from),
    };
    allocated.map_err(|source| FileError::Allocate {
        path: path.to_owned(),
        size: to,
        source,
    })
}

/// What is left where the file system knows no `fallocate`.
fn write_zeros_behind_the_end(file: &File, size: u64) -> io::Result<()> {
    let zeros = [0; 4096];
    let mut at = file.metadata()?.len();
    while at < size {
        let length = zeros.len().min(usize::try_from(size - at).unwrap_or(zeros.len()));
        file.write_all_at(&zeros[..length], at)?;
        at += length as u64;
    }
    Ok(())
}

fn map(file: &File, path: &Path, size: usize) -> Result<Arc<Mapping>, FileError> {
    let mapping = Mapping::of(file, size).map_err(|source| FileError::Map {
        path: path.to_owned(),
        size,
        source,
    })?;
    Ok(Arc::new(mapping))
}

/// Where the value of every key stands; of a key that stands twice the last, as in Python.
fn value_offsets(bytes: &[u8]) -> Result<HashMap<Box<str>, usize>, LayoutError> {
    layout::entries(bytes)
        .map(|entry| {
            let entry = entry?;
            Ok((String::from_utf8_lossy(entry.key).into(), entry.value_at))
        })
        .collect()
}
