//! Truth against scrape, series by series.

use std::collections::{BTreeMap, BTreeSet};

use crate::exposition::{Exposition, Family};
use crate::series::{MetricType, Series};
use crate::threads;
use crate::truth::{Admissible, Outcome, Truth, TruthFamily};

/// From so many samples on, two threads compare families.
const WORTH_A_THREAD: usize = 4096;

/// A family whose header differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FamilyProblem {
    /// The family, without `_total`.
    pub family: String,
    /// What differs, as a sentence.
    pub message: String,
}

/// Where truth and scrape differ.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Series of the truth that are not served.
    pub missing: Vec<(Series, Admissible)>,
    /// Served series of families that the truth knows, which it does not hold.
    pub extra: Vec<(Series, f64)>,
    /// Served series of families that are in no file.
    pub foreign: Vec<(Series, f64)>,
    /// Series that are served with another value.
    pub different: Vec<(Series, Admissible, f64)>,
    /// Headers that differ.
    pub families: Vec<FamilyProblem>,
    /// How many series of the truth were looked up.
    pub compared: usize,
}

impl Comparison {
    /// Whether truth and scrape are the same.
    pub fn is_clean(&self) -> bool {
        self.faults() == 0
    }

    fn faults(&self) -> usize {
        self.missing.len()
            + self.extra.len()
            + self.foreign.len()
            + self.different.len()
            + self.families.len()
    }

    /// By series, as whoever reads them looks for them.
    fn sort(&mut self) {
        self.missing.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.different.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    }

    fn absorb(&mut self, other: Self) {
        self.missing.extend(other.missing);
        self.extra.extend(other.extra);
        self.different.extend(other.different);
        self.families.extend(other.families);
        self.compared += other.compared;
    }
}

/// Holds what was served against the merged files. Where the truth admits several outcomes for a family (M3),
/// the one that fits best is taken.
pub fn compare(truth: &Truth, served: &Exposition) -> Comparison {
    let mut by_name: BTreeMap<&str, Vec<&Family>> = BTreeMap::new();
    for family in &served.families {
        by_name.entry(family.family_name()).or_default().push(family);
    }
    let mut comparison = Comparison::default();
    let mut known = BTreeSet::new();
    let mut pairs = Vec::new();
    for families in truth.families.chunk_by(|one, next| one.name == next.name) {
        for family in families {
            known.insert(family.name.as_str());
            let served = by_name.get(family.name.as_str()).map_or(&[][..], Vec::as_slice);
            // A Ruby client's counters `jobs` and `jobs_total` are one name to OpenMetrics (R4).
            let own = |served: &&Family| families.len() == 1 || family.is_exposed_as(&served.name);
            let served: Vec<&Family> = served.iter().copied().filter(own).collect();
            pairs.push((family, served));
        }
    }
    let samples: usize = served.families.iter().map(|family| family.samples.len()).sum();
    let threads = if samples < WORTH_A_THREAD { 1 } else { 2 };
    threads::each(threads, &pairs, |(family, served)| best_fit(family, served))
        .into_iter()
        .for_each(|fit| comparison.absorb(fit));
    for (name, families) in by_name.iter().filter(|(name, _)| !known.contains(*name)) {
        let samples: Vec<_> = families.iter().flat_map(|family| &family.samples).collect();
        if samples.is_empty() {
            let message = "is served without samples, and no file knows it".to_owned();
            comparison.families.push(FamilyProblem {
                family: (*name).to_owned(),
                message,
            });
        }
        comparison
            .foreign
            .extend(samples.iter().map(|sample| (sample.series.clone(), sample.value)));
    }
    comparison
}

fn best_fit(family: &TruthFamily, served: &[&Family]) -> Comparison {
    let fits = family
        .outcomes
        .iter()
        .map(|outcome| fit(&family.name, outcome, served));
    fits.min_by_key(Comparison::faults).unwrap_or_default()
}

fn fit(name: &str, outcome: &Outcome, served: &[&Family]) -> Comparison {
    let mut comparison = Comparison {
        compared: outcome.samples.len(),
        ..Comparison::default()
    };
    header(name, outcome, served, &mut comparison.families);
    // By place among the truth's; of a series that comes twice, which is a finding of its own, the last.
    let mut served_values = vec![None; outcome.samples.len()];
    let mut extra: BTreeMap<&Series, f64> = BTreeMap::new();
    let mut timed = 0;
    for sample in served.iter().flat_map(|family| &family.samples) {
        timed += usize::from(sample.timestamp.is_some());
        match outcome.samples.get_index_of(&sample.series) {
            Some(at) => served_values[at] = Some(sample.value),
            None => {
                extra.insert(&sample.series, sample.value);
            }
        }
    }
    for ((series, admissible), got) in outcome.samples.iter().zip(served_values) {
        match got {
            None => comparison.missing.push((series.clone(), admissible.clone())),
            Some(got) if admissible.admits(got) => {}
            Some(got) => {
                let different = (series.clone(), admissible.clone(), got);
                comparison.different.push(different);
            }
        }
    }
    if timed > 0 {
        comparison.families.push(FamilyProblem {
            family: name.to_owned(),
            message: format!("is served with timestamps ({timed}), and no file has one (M11)"),
        });
    }
    let extra = extra.into_iter();
    comparison.extra = extra.map(|(series, value)| (series.clone(), value)).collect();
    comparison.sort();
    comparison
}

fn header(name: &str, outcome: &Outcome, served: &[&Family], problems: &mut Vec<FamilyProblem>) {
    let mut problem = |message: String| {
        problems.push(FamilyProblem {
            family: name.to_owned(),
            message,
        })
    };
    let Some(family) = served.first() else {
        // Its series are reported as missing one by one; a family without series has nothing else to say.
        if outcome.samples.is_empty() {
            problem("is not served, not even its header".to_owned());
        }
        return;
    };
    if family.kind != outcome.kind {
        let (served, truth) = (type_name(family.kind), type_name(outcome.kind));
        problem(format!("is served as {served}, the files say {truth}"));
    }
    if let Some(unit) = &family.unit {
        problem(format!("is served with UNIT {unit:?}, and no file has one (M11)"));
    }
    match &family.help {
        // The text format skips blanks before the docstring.
        Some(help)
            if outcome
                .helps
                .iter()
                .any(|have| have.trim_start() == help.trim_start()) => {}
        Some(help) => problem(format!(
            "is served with HELP {help:?}, the files say {:?}",
            outcome.helps
        )),
        None if outcome.helps.iter().any(String::is_empty) => {}
        None => problem("is served without HELP".to_owned()),
    }
}

fn type_name(kind: MetricType) -> &'static str {
    match kind {
        MetricType::Counter => "counter",
        MetricType::Gauge => "gauge",
        MetricType::Histogram => "histogram",
        MetricType::Summary => "summary",
        MetricType::Unknown => "untyped",
        MetricType::Info => "info",
        MetricType::StateSet => "stateset",
        MetricType::GaugeHistogram => "gaugehistogram",
    }
}
