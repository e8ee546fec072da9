//! The rules of the Ruby client, where they differ from the Python client's (R4 to R10, R13, `docs/gitlab-ruby.md`).
//!
//! It merges what is byte for byte the same key, file by file in the order of their names, and serves every key as
//! it is stored: nothing is accumulated, no bound is read (R13), and no answer depends on the directory's order.
//! Several files of one id (R15) are as several processes are.

use std::borrow::Cow;

use super::family_merge::{FamilyMerge, distinct};
use super::merge::{Cell, Contribution};
use super::slot::Slot;
use super::{Admissible, FileName, Mode};
use crate::series::{MetricType, Series};

/// One line of the client's text: what it made of entries that share a key.
struct Line<'files> {
    /// The file whose entry came first: its type, mode and pid are the line's.
    first: &'files FileName,
    value: f64,
    parts: Vec<Contribution>,
}

impl<'files> FamilyMerge<'files> {
    /// R6: the type is that of the least key's line. Where a key has several lines, any may come first, with its mode.
    pub(super) fn ruby_shapes(&self) -> Vec<(MetricType, Option<Mode>)> {
        let least = self.cells.iter().min_by_key(|cell| self.key_bytes(cell));
        let lines = least.map(|cell| self.lines(cell)).unwrap_or_default();
        let kinds = distinct(lines.iter().filter_map(|line| line.first.kind));
        kinds
            .into_iter()
            .map(|kind| {
                let mut of_kind = lines.iter().filter(|line| line.first.kind == Some(kind));
                (kind, of_kind.find_map(|line| line.first.merge_mode()))
            })
            .collect()
    }

    /// Every line, whatever the family's type.
    pub(super) fn ruby_samples(&self) -> Vec<(Series, Admissible)> {
        let lines = self
            .cells
            .iter()
            .flat_map(|cell| self.lines(cell).into_iter().map(move |line| (cell, line)));
        lines
            .map(|(cell, line)| (line.series(cell), Admissible::Exact(line.value)))
            .collect()
    }

    /// The entries of `cell` that went into `series`.
    pub(super) fn ruby_parts(&self, cell: &Cell<'files>, series: &Series) -> Vec<Contribution> {
        if *cell.key.sample != *series.sample {
            return Vec::new();
        }
        let lines = self.lines(cell).into_iter();
        let of_series = lines.filter(|line| line.series(cell) == *series);
        of_series.flat_map(|line| line.parts).collect()
    }

    /// R8: an entry of a gauge whose processes are told apart goes to the line of its pid, any other entry to the
    /// first line that the key has, whatever wrote that one.
    fn lines(&self, cell: &Cell<'files>) -> Vec<Line<'files>> {
        let mut lines: Vec<Line<'files>> = Vec::new();
        for part in &cell.contributions {
            let file = &self.head(part.file).file.name;
            let line = match tells_pids_apart(file) {
                true => lines
                    .iter_mut()
                    .find(|line| merge_id(line.first) == merge_id(file)),
                false => lines.first_mut(),
            };
            match line {
                Some(line) => line.add(file, *part),
                None => lines.push(Line {
                    first: file,
                    value: part.value,
                    parts: vec![*part],
                }),
            }
        }
        lines
    }

    fn key_bytes(&self, cell: &Cell<'files>) -> &'files [u8] {
        let first = cell.contributions.first().expect("a cell is made for an entry");
        let file = self.head(first.file).file;
        file.key_bytes(&file.entries[first.at])
    }
}

impl Line<'_> {
    /// R7: what is added decides how. A comparison with NaN is false, so that the later of the two stays (R9).
    fn add(&mut self, file: &FileName, part: Contribution) {
        let (have, more) = (self.value, part.value);
        self.value = match file.merge_mode() {
            Some(Mode::Min) if have < more => have,
            Some(Mode::Max) if have > more => have,
            None | Some(Mode::Sum) => have + more,
            Some(_) => more,
        };
        self.parts.push(part);
    }

    /// R10: `pid` comes behind the labels, beside one of the user's; a reader keeps the last.
    fn series(&self, cell: &Cell<'_>) -> Series {
        let slot = Slot {
            sample: &cell.key.sample,
            labels: Cow::Borrowed(&cell.key.labels),
            pid: self.first.pid.as_deref().filter(|_| tells_pids_apart(self.first)),
        };
        slot.series()
    }
}

/// The id as the merge takes it from any name: the fields from the third on, also where the second is a part of it.
fn merge_id(file: &FileName) -> &str {
    let id = file.pid.as_deref().unwrap_or_default();
    match file.kind {
        Some(MetricType::Gauge) => id,
        _ => id.split_once('_').map_or("", |(_, rest)| rest),
    }
}

/// R7: what is no minimum, maximum or sum of living processes.
fn tells_pids_apart(file: &FileName) -> bool {
    file.merge_mode() == Some(Mode::All)
}
