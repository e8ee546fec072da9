//! A family: one metric for each set of label values.

use std::sync::Arc;

use thiserror::Error;

use super::children::Children;
use super::{Cell, Description, FileError, MetricFiles, Writers};
use crate::file_name::Kind;
use crate::key::Key;

/// A type of metric: what it stores for one set of label values.
pub trait Instrument: Clone {
    /// What all metrics of a family have in common: a gauge's mode, a histogram's bounds.
    type Shape;

    /// Creates the series in the process's files, with value 0, or finds them again (F10).
    ///
    /// # Errors
    /// If a file cannot be opened or cannot grow.
    fn create(series: &Series<'_>, shape: &Self::Shape) -> Result<Self, FileError>;
}

/// Where an instrument creates its cells.
#[derive(Debug)]
pub struct Series<'a> {
    files: &'a MetricFiles,
    description: &'a Description,
    values: &'a [&'a str],
}

impl Series<'_> {
    /// The key of the sample `family + suffix`, with one more label if given.
    #[must_use]
    pub fn key(&self, suffix: &str, extra: Option<(&str, &str)>) -> Key {
        let names = self.description.labels.iter().map(String::as_str);
        let labels = names.zip(self.values.iter().copied()).chain(extra);
        Key {
            family: self.description.name.clone(),
            sample: format!("{}{suffix}", self.description.name),
            labels: labels.map(|(name, value)| (name.into(), value.into())).collect(),
            help: self.description.help.clone(),
        }
    }

    /// The cell of the sample `family + suffix`.
    ///
    /// # Errors
    /// If the file cannot be opened or cannot grow.
    pub fn cell<W: Writers>(&self, kind: Kind, suffix: &str) -> Result<Cell<W>, FileError> {
        let mut cells = self.cells(kind, &[self.key(suffix, None)])?;
        Ok(cells.pop().expect("each key has a cell"))
    }

    /// The cells of keys that differ, each in its key's place. Readers find all of them or none: a histogram without
    /// its last bucket is no histogram.
    ///
    /// # Errors
    /// If the file cannot be opened or cannot grow.
    pub fn cells<W: Writers>(&self, kind: Kind, keys: &[Key]) -> Result<Vec<Cell<W>>, FileError> {
        self.files.cells(kind, keys)
    }
}

/// Why a metric of a family cannot be had.
#[derive(Debug, Error)]
pub enum RecordError {
    /// There are more or fewer label values than labels.
    #[error("metric {family:?} has {expected} labels, {given} values are given")]
    LabelCount {
        /// The family.
        family: String,
        /// How many labels it has.
        expected: usize,
        /// How many values are given.
        given: usize,
    },
    /// The series cannot be stored.
    #[error(transparent)]
    File(#[from] FileError),
}

/// All metrics of one name. Metrics are never removed (F13).
#[derive(Debug)]
pub struct Family<M: Instrument> {
    description: Description,
    shape: M::Shape,
    files: Arc<MetricFiles>,
    children: Children<M>,
}

impl<M: Instrument> Family<M> {
    /// A family; one without labels has its metric from the start (F7).
    pub(super) fn new(
        description: Description,
        shape: M::Shape,
        files: Arc<MetricFiles>,
    ) -> Result<Self, FileError> {
        let children = Children::default();
        let family = Self {
            description,
            shape,
            files,
            children,
        };
        if family.description.labels.is_empty() {
            let series = Series {
                files: &family.files,
                description: &family.description,
                values: &[],
            };
            let create = || M::create(&series, &family.shape);
            family.children.get_or_create(&[], create)?;
        }
        Ok(family)
    }

    /// Name, HELP and labels.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The metric with these label values, in the order of the labels; created at first use (F7).
    /// Clone it where speed matters.
    ///
    /// # Errors
    /// If the number of values is wrong, or the new series cannot be stored.
    #[inline]
    pub fn labels(&self, values: &[&str]) -> Result<&M, RecordError> {
        match self.children.get(values) {
            Some(metric) => Ok(metric),
            None => self.create(values),
        }
    }

    fn create(&self, values: &[&str]) -> Result<&M, RecordError> {
        let (expected, given) = (self.description.labels.len(), values.len());
        if given != expected {
            let family = self.description.name.clone();
            return Err(RecordError::LabelCount {
                family,
                expected,
                given,
            });
        }
        let series = Series {
            files: &self.files,
            description: &self.description,
            values,
        };
        let create = || M::create(&series, &self.shape);
        Ok(self.children.get_or_create(values, create)?)
    }
}
