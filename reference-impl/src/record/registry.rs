//! The registry: makes families and sees that no name is given twice.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

use super::{
    AnyThread, Counter, Description, DescriptionError, Family, FileError, Gauge, Histogram, Instrument,
    MetricFiles, OneThread, Summary, Writers,
};
use crate::file_name::Mode;

/// Why a family cannot be made.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// Its description is not one.
    #[error(transparent)]
    Description(#[from] DescriptionError),
    /// There is a family of that name; two would overwrite each other's values (C24).
    #[error("metric {name:?} exists already")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// Its buckets are not finite and ascending.
    #[error("the buckets of metric {name:?} are not finite and ascending")]
    Buckets {
        /// The family.
        name: String,
    },
    /// Its first series cannot be stored.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The metrics of one process, stored in the files of one directory. A process has one registry, or the additions of
/// one would be lost to the other.
#[derive(Debug)]
pub struct Registry<W = AnyThread> {
    files: Arc<MetricFiles>,
    names: Mutex<HashSet<String>>,
    writers: PhantomData<W>,
}

impl Registry {
    /// A registry that writes to the files of process `pid` in `directory`, which must exist. Any thread may record.
    pub fn new(directory: impl Into<PathBuf>, pid: u32) -> Self {
        Self::open(directory.into(), pid)
    }
}

impl Registry<OneThread> {
    /// The same for a process in which one thread does all the recording, and does it faster. Neither the registry
    /// nor what it makes can be handed to another thread.
    ///
    /// ```compile_fail,E0277
    /// # use counterfoil_reference::record::{Description, Registry};
    /// let registry = Registry::of_one_thread("metrics", 4312);
    /// let jobs = registry.counter(Description::new("jobs", ""))?.labels(&[])?.clone();
    /// std::thread::spawn(move || jobs.inc(1.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_one_thread(directory: impl Into<PathBuf>, pid: u32) -> Self {
        Self::open(directory.into(), pid)
    }
}

impl<W: Writers> Registry<W> {
    fn open(directory: PathBuf, pid: u32) -> Self {
        Self {
            files: Arc::new(MetricFiles::new(directory, pid)),
            names: Mutex::default(),
            writers: PhantomData,
        }
    }

    /// Whether a file of this process has been removed.
    pub fn has_lost_files(&self) -> bool {
        self.files.are_removed()
    }

    /// Makes a counter family; a `_total` at the end of its name is dropped (F4).
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub fn counter(&self, mut description: Description) -> Result<Family<Counter<W>>, RegistryError> {
        if let Some(name) = description.name.strip_suffix("_total") {
            description.name = name.to_owned();
        }
        self.family(description, (), &[])
    }

    /// Makes a gauge family.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub fn gauge(&self, description: Description, mode: Mode) -> Result<Family<Gauge<W>>, RegistryError> {
        self.family(description, mode, &[])
    }

    /// Makes a histogram family with these upper bounds; `+Inf` is added.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub fn histogram(
        &self,
        description: Description,
        bounds: &[f64],
    ) -> Result<Family<Histogram<W>>, RegistryError> {
        if !bounds.iter().all(|bound| bound.is_finite()) || !bounds.is_sorted_by(|a, b| a < b) {
            return Err(RegistryError::Buckets {
                name: description.name,
            });
        }
        self.family(description, bounds.to_vec(), &["le"])
    }

    /// Makes a summary family.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub fn summary(&self, description: Description) -> Result<Family<Summary<W>>, RegistryError> {
        self.family(description, (), &["quantile"])
    }

    fn family<M: Instrument>(
        &self,
        description: Description,
        shape: M::Shape,
        reserved: &[&str],
    ) -> Result<Family<M>, RegistryError> {
        description.check(reserved)?;
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.contains(&description.name) {
            return Err(RegistryError::Duplicate {
                name: description.name,
            });
        }
        let name = description.name.clone();
        let family = Family::new(description, shape, Arc::clone(&self.files))?;
        names.insert(name);
        Ok(family)
    }
}
