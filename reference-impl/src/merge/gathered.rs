//! A family as it is gathered from the files, before its values become samples.

use crate::file_name::{Kind, Mode};

/// One process's value of a gauge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) key: usize,
    pub(super) process: usize,
    pub(super) value: f64,
    pub(super) timestamp: f64,
}

/// A family, in the order of reading.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) name: String,
    /// Of the first file (M3).
    pub(super) help: String,
    /// Of the first file (M3).
    pub(super) kind: Kind,
    /// A gauge's, of the last file (M3).
    pub(super) mode: Mode,
    /// The keys that have a sum.
    pub(super) summed: Vec<usize>,
    /// What gauge files hold.
    pub(super) readings: Vec<Reading>,
}
