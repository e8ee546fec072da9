//! The merged truth: what may be served.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Admissible, Mode};
use crate::exposition::{Exposition, Family, Sample};
use crate::series::{MetricType, Series};

/// What a scrape of the merged files may hold: every family that any file names.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// By name.
    pub families: Vec<TruthFamily>,
    /// Sample name to the places of the families that serve it, ascending.
    by_sample: BTreeMap<String, Vec<usize>>,
}

/// A family, once for every type and mode that it may be served with.
#[derive(Clone, Debug)]
pub struct TruthFamily {
    /// Without `_total` (F4), also where a Ruby client stores a counter with it.
    pub name: String,
    /// At least one; more than one where files conflict, so that M3 makes type or mode depend on the directory's order.
    /// The first is that of the first file in name order.
    pub outcomes: Vec<Outcome>,
}

/// Series and what may be served for each.
pub type Samples = IndexMap<Series, Admissible, foldhash::fast::RandomState>;

/// A family as it is served for one type and mode.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the family is called in text 0.0.4: a Python client's counter with `_total`, a Ruby client's as it is.
    pub exposed_name: String,
    /// The type.
    pub kind: MetricType,
    /// A gauge's mode.
    pub mode: Option<Mode>,
    /// The HELP texts, any one of which may be served; the first is that of the first file in name order.
    pub helps: Vec<String>,
    /// Every series that is served, no other, in the order in which the files name them. Empty where only the header is
    /// (M7).
    pub samples: Samples,
}

impl Truth {
    pub(super) fn new(mut families: Vec<TruthFamily>) -> Self {
        families.sort_by(|one, other| one.name.cmp(&other.name));
        let mut by_sample: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, family) in families.iter().enumerate() {
            for name in family.sample_names() {
                by_sample.entry(name).or_default().push(at);
            }
        }
        Self { families, by_sample }
    }

    /// The family that serves samples of the name `sample`, or would if it had any.
    pub fn family_of(&self, sample: &str) -> Option<&TruthFamily> {
        let at = *self.by_sample.get(sample)?.first()?;
        self.families.get(at)
    }

    /// What may be served for `series`, by the first outcome of its family.
    pub fn admissible(&self, series: &Series) -> Option<&Admissible> {
        let places = self.by_sample.get(&*series.sample)?;
        places
            .iter()
            .find_map(|at| self.families.get(*at)?.outcomes.first()?.samples.get(series))
    }

    /// The samples of these names, and of their families nothing else (M15).
    pub fn restricted(&self, names: &[String]) -> Self {
        let mut families = self.families.clone();
        let is_chosen = |series: &Series| names.iter().any(|name| **name == *series.sample);
        for outcome in families.iter_mut().flat_map(|family| &mut family.outcomes) {
            outcome.samples.retain(|series, _| is_chosen(series));
        }
        families.retain(|family| family.outcomes.iter().any(|outcome| !outcome.samples.is_empty()));
        Self::new(families)
    }

    /// The first outcome of every family as text 0.0.4 has it, a representative value for each series, samples in
    /// the order of M10, neither timestamps nor units (M11).
    pub fn to_exposition(&self) -> Exposition {
        Exposition {
            families: self.families.iter().filter_map(TruthFamily::to_family).collect(),
        }
    }
}

impl TruthFamily {
    /// Whether some outcome has that name in text 0.0.4.
    pub fn is_exposed_as(&self, name: &str) -> bool {
        self.outcomes.iter().any(|outcome| outcome.exposed_name == name)
    }

    /// The names of the samples in any outcome, and the name that a sample of it would have.
    fn sample_names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for outcome in &self.outcomes {
            let mut last: Option<&Arc<str>> = None;
            for Series { sample, .. } in outcome.samples.keys() {
                // Most share it with the one before.
                if last.is_none_or(|last| !Arc::ptr_eq(last, sample)) {
                    names.insert(sample.to_string());
                }
                last = Some(sample);
            }
        }
        if names.is_empty() {
            names.insert(self.name.clone());
        }
        names
    }

    fn to_family(&self) -> Option<Family> {
        let outcome = self.outcomes.first()?;
        let mut family = Family::new(outcome.exposed_name.clone(), outcome.kind);
        family.help = outcome.helps.first().cloned();
        let served = outcome.samples.iter();
        family.samples = served
            .map(|(series, value)| Sample::new(series.clone(), value.representative()))
            .collect();
        // A bucket's bound, and the pid that tells processes apart (M5), are not part of a label set that is told from
        // another.
        let added = match (outcome.kind, outcome.mode) {
            (MetricType::Histogram, _) => Some("le"),
            (_, Some(Mode::All)) => Some("pid"),
            _ => None,
        };
        family
            .samples
            .sort_by_cached_key(|sample| place(&self.name, added, &sample.series));
        Some(family)
    }
}

/// M10: the samples of a label set side by side; of a histogram's `_sum`, then the buckets by bound, then `_count`.
/// Label sets are in the order of their text.
fn place(family: &str, added: Option<&str>, series: &Series) -> impl Ord + use<> {
    let histogram = added == Some("le");
    let bound = series.labels.get("le").filter(|_| histogram);
    let bound = bound.and_then(super::bound::parse).map(super::bound::rank);
    let part = match series.sample.strip_prefix(family) {
        _ if !histogram => 0,
        Some("_sum") => 0,
        Some("_count") => 2,
        // What has no bound comes before what has one.
        _ => 1,
    };
    let set = added.map_or_else(|| series.labels.clone(), |added| series.labels.without(added));
    let rest = added
        .and_then(|added| series.labels.get(added))
        .unwrap_or_default();
    (
        set.text().into_owned(),
        part,
        bound,
        series.sample.clone(),
        rest.to_owned(),
    )
}
