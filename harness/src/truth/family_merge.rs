//! One family's merge: which types and modes it may have (M3), and what is served for each (M4 to M9).
//!
//! The Ruby client's rules stand in [`ruby_rules`](super::ruby_rules).

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;
use indexmap::map::Entry;

use super::merge::{Cell, Contribution};
use super::merged::{Outcome, Samples, TruthFamily};
use super::slot::{Slot, strips_pid, without};
use super::sum::Sum;
use super::{Admissible, Key, MetricFile, Mode, Share, TruthError, bound, gauge, metric_file};
use crate::series::{MetricType, Series};

/// The entries of one family.
pub(super) struct FamilyMerge<'files> {
    pub(super) name: &'files str,
    pub(super) cells: Vec<Cell<'files>>,
    rules: Rules,
    /// The files that name it, in the order of their names.
    heads: Vec<Head<'files>>,
}

/// Whose rules the files are merged by: those of the client that writes their layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    /// M2 to M12.
    Python,
    /// R4 to R10.
    Ruby,
}

/// A file that names the family.
pub(super) struct Head<'files> {
    /// Its place among all files.
    number: usize,
    pub(super) file: &'files MetricFile,
    /// The HELP of its first entry of the family.
    help: &'files str,
}

pub(super) type FastMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
/// In the order in which its keys came.
pub(super) type OrderedMap<K, V> = IndexMap<K, V, foldhash::fast::RandomState>;

impl<'files> FamilyMerge<'files> {
    pub(super) fn new(name: &'files str, rules: Rules) -> Self {
        Self {
            name,
            cells: Vec::new(),
            rules,
            heads: Vec::new(),
        }
    }

    /// Makes room for so many entries of `key`.
    pub(super) fn add_cell(&mut self, key: &'files Key, count: usize) -> usize {
        self.cells.push(Cell {
            key,
            contributions: Vec::with_capacity(count),
        });
        self.cells.len() - 1
    }

    /// Adds an entry, which is `at` that place of a file. Files come in the order of their names, entries in the order of their
    /// file.
    pub(super) fn add(
        &mut self,
        cell: usize,
        (number, file): (usize, &'files MetricFile),
        at: usize,
        entry: &metric_file::Entry,
    ) {
        let cell = &mut self.cells[cell];
        if self.heads.last().is_none_or(|head| head.number != number) {
            self.heads.push(Head {
                number,
                file,
                help: &cell.key.help,
            });
        }
        cell.contributions.push(Contribution {
            file: self.heads.len() - 1,
            at,
            value: entry.value,
            timestamp: entry.timestamp,
        });
    }

    /// The family with all its outcomes.
    pub(super) fn merged(&self) -> Result<TruthFamily, TruthError> {
        let shapes = self.shapes();
        let mut outcomes = Vec::with_capacity(shapes.len());
        for (kind, mode) in shapes {
            let samples = self.samples(kind, mode)?;
            outcomes.push(Outcome {
                exposed_name: self.exposed_name(kind),
                kind,
                mode,
                helps: self.helps(kind, mode),
                samples,
            });
        }
        let bare = match (self.rules, outcomes.first().map(|outcome| outcome.kind)) {
            (Rules::Ruby, Some(MetricType::Counter)) => self.name.strip_suffix("_total"),
            _ => None,
        };
        Ok(TruthFamily {
            name: bare.unwrap_or(self.name).to_owned(),
            outcomes,
        })
    }

    /// A Ruby client's counters are called what they are stored as (R4).
    fn exposed_name(&self, kind: MetricType) -> String {
        match (self.rules, kind) {
            (Rules::Python, MetricType::Counter) => format!("{}_total", self.name),
            _ => self.name.to_owned(),
        }
    }

    pub(super) fn shapes(&self) -> Vec<(MetricType, Option<Mode>)> {
        match self.rules {
            Rules::Python => self.python_shapes(),
            Rules::Ruby => self.ruby_shapes(),
        }
    }

    /// M3: the type is that of the first file read, a gauge's mode that of the last gauge file read. Any file may be
    /// first, and any may be last; with files in name order the first of these shapes comes out.
    fn python_shapes(&self) -> Vec<(MetricType, Option<Mode>)> {
        let kinds = distinct(self.heads.iter().filter_map(|head| head.file.name.kind));
        let modes = distinct(self.heads.iter().rev().filter_map(Head::mode));
        let shapes_of = |kind| match kind {
            MetricType::Gauge => modes.iter().map(|mode| (kind, Some(*mode))).collect(),
            _ => vec![(kind, None)],
        };
        kinds.into_iter().flat_map(shapes_of).collect()
    }

    /// M3: the HELP texts of the files that can be read first for this shape. The one file that gives a gauge its
    /// mode is read last, so not first, unless it is the only gauge file.
    fn helps(&self, kind: MetricType, mode: Option<Mode>) -> Vec<String> {
        let gauges = || self.heads.iter().filter(|head| head.mode().is_some());
        let mut of_the_mode = gauges().filter(|head| head.mode() == mode);
        let last = match (of_the_mode.next(), of_the_mode.next()) {
            (Some(only), None) if gauges().count() > 1 => Some(only.number),
            _ => None,
        };
        let can_be_first = |head: &&Head<'_>| head.file.name.kind == Some(kind) && Some(head.number) != last;
        distinct(self.heads.iter().filter(can_be_first).map(|head| head.help))
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    fn samples(&self, kind: MetricType, mode: Option<Mode>) -> Result<Samples, TruthError> {
        if kind != MetricType::Histogram
            && self.rules == Rules::Python
            && let Some(samples) = self.distinct_samples(mode)
        {
            return Ok(samples);
        }
        let served = match (kind, mode) {
            _ if self.rules == Rules::Ruby => self.ruby_samples(),
            (MetricType::Histogram, _) => self.histogram()?,
            (_, Some(mode)) => self.gauge(mode),
            // M4, for summaries, and for the types that no client writes to files.
            _ => self
                .slots(None, |_| true)
                .into_iter()
                .map(|(slot, parts)| (slot.series(), total(&parts)))
                .collect(),
        };
        Ok(united(served))
    }

    /// The samples of a family of which no two keys, and no two files where these are told apart, are one slot; `None`
    /// for any other.
    fn distinct_samples(&self, mode: Option<Mode>) -> Option<Samples> {
        let count = match mode {
            Some(Mode::All) => self.cells.iter().map(|cell| cell.contributions.len()).sum(),
            _ => self.cells.len(),
        };
        let mut samples = Samples::with_capacity_and_hasher(count, Default::default());
        for cell in &self.cells {
            let room = (mode == Some(Mode::All)).then(|| cell.key.labels.room_for("pid"));
            // Files come in the order of their names: what comes again later is found below.
            for run in cell.contributions.chunk_by(self.is_same_slot(mode)) {
                let answers = match mode {
                    Some(mode) => gauge::fold(mode, run),
                    None => Some(total(run)),
                };
                let Some(answers) = answers else { continue };
                let series = match (&room, self.pid_of(run[0])) {
                    (Some(room), Some(pid)) => Series::new(Arc::clone(&cell.key.sample), room.with(pid)),
                    _ => self.slot(cell.key, mode, run[0]).series(),
                };
                match samples.entry(series) {
                    Entry::Vacant(entry) => entry.insert(answers),
                    Entry::Occupied(_) => return None,
                };
            }
        }
        Some(samples)
    }

    fn is_same_slot(&self, mode: Option<Mode>) -> impl Fn(&Contribution, &Contribution) -> bool {
        move |one, next| strips_pid(mode) || self.pid_of(*one) == self.pid_of(*next)
    }

    fn gauge(&self, mode: Mode) -> Vec<(Series, Admissible)> {
        let slots = self.slots(Some(mode), |_| true).into_iter();
        slots
            .filter_map(|(slot, parts)| Some((slot.series(), gauge::fold(mode, &parts)?)))
            .collect()
    }

    /// The entries whose key `wanted` wants, by slot, in the order of file and entry.
    pub(super) fn slots(
        &self,
        mode: Option<Mode>,
        wanted: impl Fn(&Key) -> bool,
    ) -> OrderedMap<Slot<'files>, Vec<Contribution>> {
        let mut slots: OrderedMap<Slot<'files>, Vec<Contribution>> = OrderedMap::default();
        for cell in self.cells.iter().filter(|cell| wanted(cell.key)) {
            for run in cell.contributions.chunk_by(self.is_same_slot(mode)) {
                slots
                    .entry(self.slot(cell.key, mode, run[0]))
                    .or_default()
                    .extend(run);
            }
        }
        for parts in slots.values_mut() {
            parts.sort_by_key(|part| (part.file, part.at));
        }
        slots
    }

    /// M5: every gauge sample gets its file's pid, and all modes but `all` strip it, a user's too.
    fn slot(&self, key: &'files Key, mode: Option<Mode>, part: Contribution) -> Slot<'files> {
        let sample = &key.sample;
        if !strips_pid(mode) {
            return Slot {
                sample,
                labels: Cow::Borrowed(&key.labels),
                pid: self.pid_of(part),
            };
        }
        let labels = match key.labels.get("pid") {
            Some(_) => Cow::Owned(key.labels.without("pid")),
            None => Cow::Borrowed(&key.labels),
        };
        Slot {
            sample,
            labels,
            pid: None,
        }
    }

    /// The pid that the part's file adds, if it is a gauge's.
    pub(super) fn pid_of(&self, part: Contribution) -> Option<&'files str> {
        let file = self.head(part.file).file;
        file.name
            .pid
            .as_deref()
            .filter(|_| file.name.kind == Some(MetricType::Gauge))
    }

    /// The file of a contribution.
    pub(super) fn head(&self, file: usize) -> &Head<'files> {
        &self.heads[file]
    }

    /// What each file contributes to `series` where the family is of that shape, its first one; `cells` are the places
    /// of those cells that may have a part in it. Empty where the series is not of this family.
    pub(super) fn shares(
        &self,
        series: &Series,
        (kind, mode): (MetricType, Option<Mode>),
        cells: &[usize],
    ) -> Vec<Share> {
        let mut parts: Vec<Contribution> = Vec::new();
        for cell in cells.iter().map(|at| &self.cells[*at]) {
            let parts_here = cell.contributions.iter().copied();
            match self.rules {
                Rules::Ruby => parts.extend(self.ruby_parts(cell, series)),
                Rules::Python => {
                    parts.extend(
                        parts_here.filter(|part| self.counts_for(series, kind, mode, cell.key, *part)),
                    );
                }
            }
        }
        parts.sort_by_key(|part| (part.file, part.at));
        let adds_up = matches!(mode, None | Some(Mode::Sum));
        let same_share = |one: &Contribution, next: &Contribution| adds_up && one.file == next.file;
        parts
            .chunk_by(same_share)
            .map(|parts| self.share(parts))
            .collect()
    }

    fn share(&self, parts: &[Contribution]) -> Share {
        let name = &self.head(parts[0].file).file.name;
        let value = match parts {
            [one] => one.value,
            _ => Sum::of(parts.iter().map(|part| part.value)).value(),
        };
        let pid = name.pid.clone().unwrap_or_default();
        Share {
            file: name.text.clone(),
            pid,
            value,
            timestamp: parts[0].timestamp,
        }
    }

    /// Whether an entry is part of what is served as `series`.
    fn counts_for(
        &self,
        series: &Series,
        kind: MetricType,
        mode: Option<Mode>,
        key: &Key,
        part: Contribution,
    ) -> bool {
        let suffix = series.sample.strip_prefix(self.name);
        if let (MetricType::Histogram, Some(le)) = (kind, key.labels.get("le")) {
            let up_to = match suffix {
                Some("_count") => f64::INFINITY,
                Some("_bucket") => series
                    .labels
                    .get("le")
                    .and_then(bound::parse)
                    .unwrap_or(f64::NEG_INFINITY),
                _ => return false,
            };
            // No file adds a pid: of those that name the family a gauge's is the first, and then it is no histogram.
            return without(&key.labels, "le").eq(without(&series.labels, "le"))
                && bound::parse(le).is_some_and(|bound| bound <= up_to);
        }
        if *key.sample != *series.sample {
            return false;
        }
        match self.pid_of(part) {
            _ if strips_pid(mode) => without(&key.labels, "pid").eq(series.labels.iter()),
            None => key.labels == series.labels,
            Some(pid) => {
                series.labels.get("pid") == Some(pid)
                    && without(&key.labels, "pid").eq(without(&series.labels, "pid"))
            }
        }
    }
}

impl Head<'_> {
    /// The mode that the file would give the family.
    fn mode(&self) -> Option<Mode> {
        self.file.name.merge_mode()
    }
}

/// M4: whatever the HELP.
pub(super) fn total(parts: &[Contribution]) -> Admissible {
    Sum::of(parts.iter().map(|part| part.value)).admissible()
}

/// Slots that are served under one name and label set are served twice: either value may be taken for it (M5).
fn united(served: Vec<(Series, Admissible)>) -> Samples {
    let mut samples = Samples::with_capacity_and_hasher(served.len(), Default::default());
    let mut again: FastMap<Series, Vec<Admissible>> = FastMap::default();
    for (series, admissible) in served {
        match samples.entry(series) {
            Entry::Vacant(entry) => {
                entry.insert(admissible);
            }
            Entry::Occupied(entry) => again.entry(entry.key().clone()).or_default().push(admissible),
        }
    }
    for (series, mut answers) in again {
        if let Some(first) = samples.get_mut(&series) {
            answers.insert(0, first.clone());
            *first = Admissible::union(answers).expect("there is an answer in each");
        }
    }
    samples
}

/// Each once, in the order of the first.
pub(super) fn distinct<T: Copy + Eq + std::hash::Hash>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = std::collections::HashSet::new();
    items.filter(|item| seen.insert(*item)).collect()
}
