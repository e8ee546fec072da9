//! A family: one metric for each set of label values.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::fast::RandomState;
use thiserror::Error;

use super::{Cell, Description, FileError, MetricFiles};
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
    /// The cell of the sample `family + suffix`, with one more label if given.
    ///
    /// # Errors
    /// If the file cannot be opened or cannot grow.
    pub fn cell(&self, kind: Kind, suffix: &str, extra: Option<(&str, &str)>) -> Result<Cell, FileError> {
        let names = self.description.labels.iter().map(String::as_str);
        let labels = names.zip(self.values.iter().copied()).chain(extra);
        let key = Key {
            family: self.description.name.clone(),
            sample: format!("{}{suffix}", self.description.name),
            labels: labels.map(|(name, value)| (name.into(), value.into())).collect(),
            help: self.description.help.clone(),
        };
        self.files.cell(kind, &key)
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
    hasher: RandomState,
    /// By the hash of the label values, so that a lookup needs no allocation.
    children: RwLock<HashMap<u64, Vec<Child<M>>, RandomState>>,
}

#[derive(Debug)]
struct Child<M> {
    values: Box<[Box<str>]>,
    metric: M,
}

impl<M: Instrument> Family<M> {
    /// A family; one without labels has its metric from the start (F7).
    pub(super) fn new(
        description: Description,
        shape: M::Shape,
        files: Arc<MetricFiles>,
    ) -> Result<Self, FileError> {
        let family = Self {
            description,
            shape,
            files,
            hasher: RandomState::default(),
            children: RwLock::default(),
        };
        if family.description.labels.is_empty() {
            family.create(family.hash(&[]), &[])?;
        }
        Ok(family)
    }

    /// Name, HELP and labels.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The metric with these label values, in the order of the labels; created at first use (F7).
    /// Keep it where speed matters.
    ///
    /// # Errors
    /// If the number of values is wrong, or the new series cannot be stored.
    pub fn labels(&self, values: &[&str]) -> Result<M, RecordError> {
        self.with(values, M::clone)
    }

    /// Does something with the metric of these label values, sparing the handle that
    /// [`labels`](Self::labels) makes.
    ///
    /// # Errors
    /// As for [`labels`](Self::labels).
    pub fn with<R>(&self, values: &[&str], act: impl FnOnce(&M) -> R) -> Result<R, RecordError> {
        let hash = self.hash(values);
        {
            let children = self.children.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(metric) = find(children.get(&hash), values) {
                return Ok(act(metric));
            }
        }
        let (expected, given) = (self.description.labels.len(), values.len());
        if given != expected {
            let family = self.description.name.clone();
            return Err(RecordError::LabelCount {
                family,
                expected,
                given,
            });
        }
        Ok(act(&self.create(hash, values)?))
    }

    fn hash(&self, values: &[&str]) -> u64 {
        self.hasher.hash_one(values)
    }

    fn create(&self, hash: u64, values: &[&str]) -> Result<M, FileError> {
        let mut children = self.children.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(metric) = find(children.get(&hash), values) {
            return Ok(metric.clone());
        }
        let series = Series {
            files: &self.files,
            description: &self.description,
            values,
        };
        let metric = M::create(&series, &self.shape)?;
        let values = values.iter().map(|value| Box::from(*value)).collect();
        let child = Child {
            values,
            metric: metric.clone(),
        };
        children.entry(hash).or_default().push(child);
        Ok(metric)
    }
}

fn find<'a, M>(children: Option<&'a Vec<Child<M>>>, values: &[&str]) -> Option<&'a M> {
    let same = |child: &&Child<M>| {
        child
            .values
            .iter()
            .map(|value| &**value)
            .eq(values.iter().copied())
    };
    Some(&children?.iter().find(same)?.metric)
}
