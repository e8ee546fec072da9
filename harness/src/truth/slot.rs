//! A slot of a family's merge: what is added up, compared or assigned as one (M5).

use std::borrow::Cow;
use std::sync::Arc;

use super::Mode;
use crate::series::{Labels, Series};

/// What a client adds up, compares or assigns under one name: the sample, the labels of the key, and the pid that
/// the name of a gauge's file adds. Two slots may be served under the same labels: a user's `pid` (M5).
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Slot<'files> {
    pub(super) sample: &'files Arc<str>,
    pub(super) labels: Cow<'files, Labels>,
    pub(super) pid: Option<&'files str>,
}

impl Slot<'_> {
    /// The series that it is served as. M5: the file's pid replaces a user's.
    pub(super) fn series(&self) -> Series {
        Series::new(Arc::clone(self.sample), with_pid(&self.labels, self.pid))
    }
}

pub(super) fn with_pid(labels: &Labels, pid: Option<&str>) -> Labels {
    match pid {
        Some(pid) => labels.with("pid", pid),
        None => labels.clone(),
    }
}

pub(super) fn strips_pid(mode: Option<Mode>) -> bool {
    mode.is_some_and(|mode| mode != Mode::All)
}

/// The labels but for one. Whoever compares them does so in place: a verdict asks this of every entry.
pub(super) fn without<'labels>(
    labels: &'labels Labels,
    left_out: &str,
) -> impl Iterator<Item = (&'labels str, &'labels str)> {
    labels.iter().filter(move |(name, _)| *name != left_out)
}
