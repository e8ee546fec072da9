//! The directories that are served as one.
//!
//! ```
//! use counterfoil_reference::directories::{Directories, Source};
//!
//! let sources: Result<Vec<Source>, _> = ["/metrics/web", "mail=/metrics/worker"].map(str::parse).into_iter().collect();
//! let directories = Directories::awaited(sources?, 1000)?;
//! assert_eq!(directories.to_string(), "web=/metrics/web mail=/metrics/worker");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

use crate::directory::Listing;
use crate::notice::notice;

/// A directory of metric files, and what its processes are told apart from those of others by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Goes before the pid in the label of that name (M5).
    name: Option<String>,
    path: PathBuf,
}

/// Why directories cannot be served together.
#[derive(Debug, Error)]
pub enum SourceError {
    /// No path.
    #[error("{text:?} names no directory; write DIR or NAME=DIR")]
    NoPath {
        /// What was given.
        text: String,
    },
    /// A directory twice: everything in it would be counted twice.
    #[error("{first} and {second} are the same directory, whose values would count twice; name it once")]
    Twice {
        /// As it was given first.
        first: PathBuf,
        /// As it was given again.
        second: PathBuf,
    },
    /// Two of one name: their processes could not be told apart.
    #[error("{first} and {second} are both called {name:?}; give one another name, as in other={second}")]
    SameName {
        /// The name.
        name: String,
        /// The first that has it.
        first: PathBuf,
        /// The other one.
        second: PathBuf,
    },
}

/// Why the files cannot be listed.
#[derive(Debug, Error)]
pub enum ListError {
    /// The system refuses.
    #[error("cannot list {path}: {source}; let this process read and enter the directory")]
    Unreadable {
        /// The directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A directory whose files were served before. Their counters would seem to fall.
    #[error("{path} is gone, and with it what its files count; it is served again when it is back")]
    Gone {
        /// The directory.
        path: PathBuf,
    },
    /// Two paths that have come to lead to one directory.
    #[error(transparent)]
    Twice(SourceError),
    /// More metric files than are read.
    #[error(
        "{path} and those before it hold more than {limit} files; raise --max-files, or remove the files of processes \
         that are gone"
    )]
    TooMany {
        /// The directory that holds one too many.
        path: PathBuf,
        /// How many are read.
        limit: usize,
    },
}

/// Directories whose files are merged as if they lay in one.
#[derive(Debug)]
pub struct Directories {
    sources: Vec<(Source, Presence)>,
    max_files: usize,
}

/// What is known of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// It must be there.
    Required,
    /// It may come yet; nothing has been said about it.
    Awaited,
    /// The same, and said.
    Missed,
    /// It has been there.
    Seen,
}

impl FromStr for Source {
    type Err = SourceError;

    /// `DIR` or `NAME=DIR`. What has a slash is no name.
    fn from_str(text: &str) -> Result<Self, SourceError> {
        let (name, path) = match text.split_once('=') {
            Some((name, path)) if !name.is_empty() && !name.contains('/') => (Some(name.to_owned()), path),
            _ => (None, text),
        };
        if path.is_empty() {
            let text = text.to_owned();
            return Err(SourceError::NoPath { text });
        }
        let path = path.into();
        Ok(Self { name, path })
    }
}

impl Directories {
    /// The one directory of a fleet, which must be there.
    pub(crate) fn required(path: PathBuf) -> Self {
        Self {
            sources: vec![(Source { name: None, path }, Presence::Required)],
            max_files: usize::MAX,
        }
    }

    /// The directories of a sidecar, which may start before the processes that make them. Of several each has a name,
    /// by default the last part of its path: processes in different containers have the same pids.
    ///
    /// # Errors
    /// If two are the same, or have the same name.
    pub fn awaited(sources: Vec<Source>, max_files: usize) -> Result<Self, SourceError> {
        let mut sources = sources;
        if sources.len() > 1 {
            for source in &mut sources {
                let name = || own_name(&source.path);
                source.name = Some(source.name.take().unwrap_or_else(name));
            }
        }
        for (at, second) in sources.iter().enumerate() {
            for first in &sources[..at] {
                let paths = || (first.path.clone(), second.path.clone());
                if resolved(&first.path) == resolved(&second.path) {
                    let (first, second) = paths();
                    return Err(SourceError::Twice { first, second });
                }
                if let (Some(name), Some(other)) = (&first.name, &second.name)
                    && name == other
                {
                    let (name, (first, second)) = (name.clone(), paths());
                    return Err(SourceError::SameName { name, first, second });
                }
            }
        }
        Ok(Self {
            sources: sources
                .into_iter()
                .map(|each| (each, Presence::Awaited))
                .collect(),
            max_files,
        })
    }

    /// Lists the files of all directories, one after the other. One that is not there yet has none.
    ///
    /// # Errors
    /// If one cannot be listed, or they hold too many files.
    pub fn list(&mut self) -> Result<Listing, ListError> {
        self.refuse_doubles()?;
        let mut listing = Listing::default();
        for (source, presence) in &mut self.sources {
            let path = &source.path;
            let before = listing.files.len();
            match listing.add(path, self.max_files) {
                Ok(true) => {}
                Ok(false) => {
                    let (path, limit) = (path.clone(), self.max_files);
                    return Err(ListError::TooMany { path, limit });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    *presence = presence.of_missing(path)?;
                    continue;
                }
                Err(source) => {
                    let path = path.clone();
                    return Err(ListError::Unreadable { path, source });
                }
            }
            *presence = presence.of_present(path);
            if let Some(name) = &source.name {
                for file in &mut listing.files[before..] {
                    file.name.id = format!("{name}/{}", file.name.id);
                }
            }
        }
        Ok(listing)
    }

    /// Links change: what led to two directories may lead to one by now.
    fn refuse_doubles(&self) -> Result<(), ListError> {
        if self.sources.len() < 2 {
            return Ok(());
        }
        let mut seen: Vec<((u64, u64), &Path)> = Vec::new();
        for (Source { path, .. }, _) in &self.sources {
            let Ok(metadata) = fs::metadata(path) else {
                continue;
            };
            let identity = (metadata.dev(), metadata.ino());
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == identity) {
                let (first, second) = (first.to_path_buf(), path.clone());
                return Err(ListError::Twice(SourceError::Twice { first, second }));
            }
            seen.push((identity, path));
        }
        Ok(())
    }
}

impl Presence {
    /// What follows from a directory's absence.
    fn of_missing(self, path: &Path) -> Result<Self, ListError> {
        match self {
            Self::Required => Err(ListError::Unreadable {
                path: path.to_owned(),
                source: io::ErrorKind::NotFound.into(),
            }),
            Self::Seen => Err(ListError::Gone {
                path: path.to_owned(),
            }),
            Self::Awaited => {
                notice(format_args!(
                    "{} is not there yet, and empty until it is",
                    path.display()
                ));
                Ok(Self::Missed)
            }
            Self::Missed => Ok(Self::Missed),
        }
    }

    fn of_present(self, path: &Path) -> Self {
        match self {
            Self::Required => Self::Required,
            Self::Missed => {
                notice(format_args!("{} is there now", path.display()));
                Self::Seen
            }
            Self::Awaited | Self::Seen => Self::Seen,
        }
    }
}

impl fmt::Display for Directories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (Source { name, path }, _)) in self.sources.iter().enumerate() {
            let separator = if at == 0 { "" } else { " " };
            let (name, sign) = name.as_ref().map_or(("", ""), |name| (name, "="));
            write!(f, "{separator}{name}{sign}{}", path.display())?;
        }
        Ok(())
    }
}

/// The last part of a path that has a name.
fn own_name(path: &Path) -> String {
    let resolved = resolved(path);
    let name = path.file_name().or(resolved.file_name());
    name.unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Where a path leads; of one that is not there yet, as it stands.
fn resolved(path: &Path) -> PathBuf {
    let absolute = || std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    fs::canonicalize(path).unwrap_or_else(|_| absolute())
}
