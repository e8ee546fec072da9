//! Gauges: what each process set or added, in the order it acknowledged, merged by the rules M5 to M8.
//!
//! Within one wave a process may run tasks at once, so when several of its tasks touch a cell and one of them
//! sets it, any of their results may be the last: the bounds then hold all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bounds::{Bounds, Prediction};
use super::{Entry, State};
use crate::exporter::{Outcome, Pid};
use crate::scenario::{GaugeMode, MetricKind, Scenario};
use crate::series::{Labels, Series};
use crate::task::Op;

/// One process's value of one gauge child.
#[derive(Clone, Copy, Debug)]
struct Cell {
    bounds: Bounds,
    /// The wave of the last touch, and whether a task of that wave set it.
    wave: u32,
    set_in_wave: bool,
    /// What any of that wave's additions come to: each may come before a set or after it.
    added_in_wave: Bounds,
    /// The wave of the last `set`, which is what a mostrecent mode goes by.
    last_set: Option<u32>,
}

#[derive(Default)]
pub(super) struct Gauges {
    cells: BTreeMap<(String, Labels), BTreeMap<Pid, Cell>>,
    /// Children that an indeterminate task may have touched in any process.
    open: BTreeSet<(String, Labels)>,
}

impl Gauges {
    /// What a task has done; to live gauges nothing, if it was done by one that is gone and whose pid another has now.
    pub(super) fn record(&mut self, scenario: &Scenario, entry: &Entry, is_of_a_namesake: bool) {
        let pid = match entry.state {
            State::Acknowledged {
                outcome: Outcome::Refused,
                ..
            }
            | State::Elsewhere => return,
            State::Acknowledged { pid, .. } => Some(pid),
            State::Open | State::Indeterminate => None,
        };
        let mut own: BTreeMap<(String, Labels), (bool, f64)> = BTreeMap::new();
        for op in entry.task.executed() {
            let Some(change) = op.change() else { continue };
            let is_gauge = |metric: &&crate::scenario::MetricSpec| metric.kind == MetricKind::Gauge;
            let Some(metric) = scenario.metric(&change.metric).filter(is_gauge) else {
                continue;
            };
            if is_of_a_namesake && metric.mode.is_some_and(GaugeMode::is_live) {
                continue;
            }
            let key = (change.metric.clone(), change.label_set());
            let (set, value) = own.entry(key).or_insert((false, 0.0));
            if matches!(op, Op::Set(_)) {
                (*set, *value) = (true, change.value.0);
            } else {
                *value += change.value.0;
            }
        }
        for (key, (set, value)) in own {
            match pid {
                Some(pid) => touch(self.cells.entry(key).or_default(), pid, entry.wave, set, value),
                None => drop(self.open.insert(key)),
            }
        }
    }

    pub(super) fn merge_into(
        mut self,
        prediction: &mut Prediction,
        scenario: &Scenario,
        gone: &BTreeSet<Pid>,
    ) {
        for key in &self.open {
            self.cells.entry(key.clone()).or_default();
        }
        for ((name, labels), cells) in &self.cells {
            let Some(mode) = scenario.metric(name).and_then(|metric| metric.mode) else {
                continue;
            };
            let counted: BTreeMap<Pid, Cell> = cells
                .iter()
                .filter(|(pid, _)| !(mode.is_live() && gone.contains(pid)))
                .map(|(p, c)| (*p, *c))
                .collect();
            let plain = Series::new(name.clone(), labels.clone());
            let uncertain = self.open.contains(&(name.clone(), labels.clone()));
            for (series, bounds) in merged(&plain, mode, &counted) {
                prediction.add(series, if uncertain { Bounds::anything() } else { bounds });
            }
            if uncertain && mode.base() == GaugeMode::All {
                prediction.of_any_process.insert(plain);
            } else if uncertain {
                prediction.series.insert(plain, Bounds::anything());
            }
        }
    }
}

fn touch(cells: &mut BTreeMap<Pid, Cell>, pid: Pid, wave: u32, set: bool, value: f64) {
    let (zero, value) = (Bounds::exactly(0.0), Bounds::exactly(value));
    let cell = cells.entry(pid).or_insert(Cell {
        bounds: zero,
        wave,
        set_in_wave: false,
        added_in_wave: zero,
        last_set: None,
    });
    if cell.wave != wave {
        (cell.wave, cell.set_in_wave, cell.added_in_wave) = (wave, false, zero);
    }
    let after = if set {
        value.plus(cell.added_in_wave)
    } else {
        cell.bounds.plus(value)
    };
    cell.bounds = if cell.set_in_wave {
        cell.bounds.hull(after)
    } else {
        after
    };
    if set {
        (cell.set_in_wave, cell.last_set) = (true, Some(wave));
    } else {
        cell.added_in_wave = cell.added_in_wave.hull(cell.added_in_wave.plus(value));
    }
}

/// What is served of the gauge `plain`, whose cells these are; of a sum each of its terms.
fn merged(plain: &Series, mode: GaugeMode, cells: &BTreeMap<Pid, Cell>) -> Vec<(Series, Bounds)> {
    let all = cells.values().map(|cell| cell.bounds);
    let merged = match mode.base() {
        GaugeMode::Min => all.reduce(|a, b| Bounds::between(a.lo.min(b.lo), a.hi.min(b.hi))),
        GaugeMode::Max => all.reduce(|a, b| Bounds::between(a.lo.max(b.lo), a.hi.max(b.hi))),
        GaugeMode::Sum => return all.map(|bounds| (plain.clone(), bounds)).collect(),
        GaugeMode::Mostrecent => {
            let last = cells.values().map(|cell| cell.last_set).max();
            let latest = cells.values().filter(|cell| Some(cell.last_set) == last);
            latest.map(|cell| cell.bounds).reduce(Bounds::hull)
        }
        // `base` has no live modes; what is left is `all`: a series per process, with its pid (M5).
        _ => {
            let with_pid = |(pid, cell): (&Pid, &Cell)| {
                let labels = plain.labels.with("pid", &pid.to_string());
                (Series::new(Arc::clone(&plain.sample), labels), cell.bounds)
            };
            return cells.iter().map(with_pid).collect();
        }
    };
    merged.map(|bounds| (plain.clone(), bounds)).into_iter().collect()
}
