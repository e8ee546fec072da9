//! From numbers to a sentence: whose share is missing from a scrape, or counted twice.
//!
//! Every summed series (counter, histogram, summary) is the sum of its processes' shares, so a server that
//! forgets processes shows the same subset of shares in every series. The subset is looked for among the
//! candidates that real defects produce.

use std::collections::BTreeMap;

use crate::exposition::Exposition;
use crate::series::{MetricType, Series};
use crate::truth::{Snapshot, Truth};

/// Up to so many processes every subset is tried; beyond, one process alone and all but one.
const EVERY_SUBSET_UP_TO: usize = 10;
/// How many series are enough to tell subsets apart.
const ROWS: usize = 500;

/// What explains all differences of the summed series at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// Only these processes are served.
    Serves {
        /// Those that are.
        served: Vec<String>,
        /// Those that are not.
        missing: Vec<String>,
    },
    /// This process is counted twice.
    Twice {
        /// Which.
        pid: String,
    },
}

impl std::fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Serves { served, missing } if served.is_empty() => {
                write!(f, "the endpoint serves none of {} processes", missing.len())
            }
            Self::Serves { served, missing } => write!(
                f,
                "the endpoint serves {} of {}: {} served, {} missing",
                processes(served.len()),
                served.len() + missing.len(),
                pids(served),
                pids(missing)
            ),
            Self::Twice { pid } => write!(f, "the endpoint counts pid {pid} twice"),
        }
    }
}

fn processes(count: usize) -> String {
    if count == 1 {
        "one process".to_owned()
    } else {
        format!("{count} processes")
    }
}

/// "pid 7 is", "pids 7 and 8 are".
fn pids(pids: &[String]) -> String {
    match pids {
        [one] => format!("pid {one} is"),
        [most @ .., last] => format!("pids {} and {last} are", most.join(", ")),
        [] => "no pid is".to_owned(),
    }
}

/// A series' shares, in the order of the processes, and what is served of it.
struct Row {
    shares: Vec<f64>,
    served: Option<f64>,
}

/// What explains the scrape, if one of the known defects does.
pub fn diagnose(snapshot: &Snapshot, truth: &Truth, served: &Exposition) -> Option<Diagnosis> {
    let (pids, rows) = rows(snapshot, truth, served);
    let name = |picked: &dyn Fn(usize) -> bool| -> Vec<String> {
        pids.iter()
            .enumerate()
            .filter(|(at, _)| picked(*at))
            .map(|(_, pid)| pid.clone())
            .collect()
    };
    let serves = |picked: &dyn Fn(usize) -> bool| {
        let fits = rows
            .iter()
            .all(|row| explains(row, |at| if picked(at) { 1.0 } else { 0.0 }));
        fits.then(|| Diagnosis::Serves {
            served: name(picked),
            missing: name(&|at| !picked(at)),
        })
    };
    if rows.iter().all(|row| explains(row, |_| 1.0)) {
        return None;
    }
    if pids.len() <= EVERY_SUBSET_UP_TO {
        let subset = (0..1_u32 << pids.len()).find_map(|subset| serves(&|at| subset >> at & 1 == 1));
        if subset.is_some() {
            return subset;
        }
    } else {
        let alone = (0..pids.len()).find_map(|one| serves(&|at| at == one));
        let subset = alone.or_else(|| (0..pids.len()).find_map(|one| serves(&|at| at != one)));
        if subset.is_some() {
            return subset;
        }
    }
    let twice = |one: &usize| {
        rows.iter()
            .all(|row| explains(row, |at| if at == *one { 2.0 } else { 1.0 }))
    };
    (0..pids.len()).find(twice).map(|one| Diagnosis::Twice {
        pid: pids[one].clone(),
    })
}

/// Whether the shares, each taken `times` times, come to what is served; a series of which nothing is taken
/// may be absent.
fn explains(row: &Row, times: impl Fn(usize) -> f64) -> bool {
    let sum: f64 = row
        .shares
        .iter()
        .enumerate()
        .map(|(at, share)| share * times(at))
        .sum();
    match row.served {
        // Sums of doubles differ in their last digits with the order of addition.
        Some(served) => {
            let error = 1e-9 * sum.abs().max(1.0);
            (sum - error..=sum + error).contains(&served)
        }
        None => sum == 0.0,
    }
}

fn rows(snapshot: &Snapshot, truth: &Truth, served: &Exposition) -> (Vec<String>, Vec<Row>) {
    let served: BTreeMap<&Series, f64> = served
        .families
        .iter()
        .flat_map(|family| &family.samples)
        .map(|sample| (&sample.series, sample.value))
        .collect();
    let summed = |kind| {
        matches!(
            kind,
            MetricType::Counter | MetricType::Histogram | MetricType::Summary
        )
    };
    let outcomes = truth.families.iter().filter_map(|family| family.outcomes.first());
    let series = outcomes
        .filter(|outcome| summed(outcome.kind))
        .flat_map(|outcome| outcome.samples.keys());
    let holdings = snapshot.holdings();
    let mut pids: Vec<String> = Vec::new();
    let mut sparse: Vec<(BTreeMap<usize, f64>, Option<f64>)> = Vec::new();
    for series in series.take(ROWS) {
        let mut shares = BTreeMap::new();
        for share in holdings.of(series).into_iter().filter(|share| share.value != 0.0) {
            let at = pids.iter().position(|pid| *pid == share.pid).unwrap_or_else(|| {
                pids.push(share.pid.clone());
                pids.len() - 1
            });
            *shares.entry(at).or_default() += share.value;
        }
        sparse.push((shares, served.get(series).copied()));
    }
    let dense = |(shares, served): (BTreeMap<usize, f64>, Option<f64>)| Row {
        shares: (0..pids.len())
            .map(|at| shares.get(&at).copied().unwrap_or_default())
            .collect(),
        served,
    };
    let rows = sparse.into_iter().map(dense).collect();
    (pids, rows)
}
