//! The metrics directory: which files there are, and what they hold.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::file_name::FileName;
use crate::key::KeyError;
use crate::layout::{self, FIRST_ENTRY_AT, LayoutError};
use crate::used_bytes::UsedBytes;

/// The longest key that is decoded, in bytes: HELP, names and labels of one series.
pub(crate) const LONGEST_KEY: usize = 1024 * 1024;

/// A file to be merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricPath {
    /// Where it is.
    pub path: PathBuf,
    /// What its name says.
    pub name: FileName,
}

/// Why a file is left out of the merge; everyone else's values are served (C6, C8).
#[derive(Debug, Error)]
pub enum Fault {
    /// The name is not one of a metric file.
    #[error("its name is not one of a metric file")]
    ForeignName,
    /// It is a directory, a pipe or the like.
    #[error("it is no regular file")]
    NotAFile,
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
    /// It breaks the layout.
    #[error("{0}")]
    Layout(#[from] LayoutError),
    /// A key is longer than any that a client writes.
    #[error("at offset {offset}: a key of {length} bytes, of {LONGEST_KEY} at most")]
    LongKey {
        /// Where the entry's value stands.
        offset: usize,
        /// The key's length in bytes.
        length: usize,
    },
    /// It is more than may be held beside the others: no fault of its own, and not left out.
    #[error("there is no room for it")]
    NoRoom,
    /// A key is none.
    #[error("at offset {offset}: {source}")]
    Key {
        /// Where the entry's value stands.
        offset: usize,
        /// What is wrong.
        source: KeyError,
    },
}

/// A file that was left out.
#[derive(Debug)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub fault: Fault,
}

/// What a directory holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// The metric files, in directory order (M1).
    pub files: Vec<MetricPath>,
    /// Other `*.db`.
    pub skipped: Vec<Skipped>,
}

impl Listing {
    /// Lists `*.db` (M1). Hidden files are none of them, as for a shell.
    ///
    /// # Errors
    /// If the directory cannot be read.
    pub fn of(directory: &Path) -> io::Result<Self> {
        let mut listing = Self::default();
        listing.add(directory, usize::MAX)?;
        Ok(listing)
    }

    /// Adds the files of another directory; whether all are no more than so many.
    ///
    /// # Errors
    /// If the directory cannot be read.
    pub(crate) fn add(&mut self, directory: &Path, max_files: usize) -> io::Result<bool> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if !name.ends_with(".db") || name.starts_with('.') {
                continue;
            }
            if self.files.len() + self.skipped.len() == max_files {
                return Ok(false);
            }
            let path = entry.path();
            match FileName::parse(&name) {
                Some(name) => self.files.push(MetricPath { path, name }),
                None => self.skipped.push(Skipped {
                    path,
                    fault: Fault::ForeignName,
                }),
            }
        }
        Ok(true)
    }
}

/// A file that is open, as it was when it was opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) file: File,
    pub(crate) metadata: Metadata,
}

/// Looks at a file. `None` if it has vanished (C12).
///
/// # Errors
/// If it is not a regular file, or cannot be looked at.
pub(crate) fn metadata_of(path: &Path) -> Result<Option<Metadata>, Fault> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    if !metadata.is_file() {
        return Err(Fault::NotAFile);
    }
    Ok(Some(metadata))
}

/// Opens a file. `None` if it has vanished (C12).
///
/// # Errors
/// If it is not a regular file, or cannot be opened.
pub(crate) fn open(path: &Path) -> Result<Option<Opened>, Fault> {
    // A pipe would keep the reader waiting, so look before opening.
    if metadata_of(path)?.is_none() {
        return Ok(None);
    }
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let metadata = file.metadata()?;
    Ok(Some(Opened { file, metadata }))
}

/// Reads the used part of a file of that size; the header's field as it is.
///
/// # Errors
/// If it cannot be read, uses more than it has, or more than there is room for.
pub(crate) fn read_used(file: &File, size: usize, room: usize, bytes: &mut UsedBytes) -> Result<i32, Fault> {
    bytes.clear();
    bytes.read_on(file, FIRST_ENTRY_AT.min(size))?;
    let used = layout::used(bytes)?;
    if used > FIRST_ENTRY_AT.max(size) {
        return Err(LayoutError::UsedBeyondEnd { used, size }.into());
    }
    if used > room {
        return Err(Fault::NoRoom);
    }
    let field = bytes.first_chunk().map_or(0, |field| i32::from_ne_bytes(*field));
    // The header is not read again: a writer may have moved on by now.
    if size > FIRST_ENTRY_AT {
        bytes.read_on(file, used)?;
    } else {
        bytes.fill_up(used);
    }
    Ok(field)
}
