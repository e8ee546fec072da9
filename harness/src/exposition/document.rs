//! Putting lines together to families, and the rules on their order.

use std::collections::HashMap;
use std::sync::Arc;

use super::dialect::Dialect;
use super::family::{Exposition, Family, Sample};
use super::finding::{Findings, Parsed};
use super::plain::Names;
use super::unique::Seen;
use super::{histogram, metric_set, scalar, summary, unique};
use crate::series::MetricType;

/// The families read so far.
pub(super) struct Document {
    dialect: Dialect,
    drafts: Vec<Draft>,
    by_name: HashMap<String, usize, foldhash::fast::RandomState>,
    current: Option<usize>,
    names: Names,
    seen: Seen,
}

/// A family, and where its samples stand.
pub(super) struct Draft {
    pub(super) family: Family,
    /// The byte offset of the line that names the family first.
    pub(super) opened: usize,
    /// The byte offset of its `# UNIT`, 0 without one.
    pub(super) unit_at: usize,
    /// The byte offset of each sample.
    pub(super) starts: Vec<usize>,
    typed: bool,
}

/// A line of metadata.
pub(super) enum Metadata {
    Help(String),
    Type(MetricType),
    Unit(String),
}

impl Document {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            drafts: Vec::new(),
            by_name: HashMap::default(),
            current: None,
            names: Names::default(),
            seen: Seen::new(dialect),
        }
    }

    /// The names of samples.
    pub(super) fn names(&mut self) -> &mut Names {
        &mut self.names
    }

    /// Adds a line of metadata for the family `name`.
    pub(super) fn metadata(&mut self, name: &str, metadata: Metadata, at: usize, findings: &mut Findings) {
        let known = self.by_name.get(name).copied();
        if let Some(place) = known {
            self.judge_metadata(place, &metadata, at, findings);
        } else if let Metadata::Type(kind) = metadata {
            self.judge_late_type(name, kind, at, findings);
        }
        let place = known.unwrap_or_else(|| self.open(name, at));
        self.current = Some(place);
        let draft = &mut self.drafts[place];
        match metadata {
            Metadata::Help(text) => draft.family.help = draft.family.help.take().or(Some(text)),
            Metadata::Unit(unit) if draft.family.unit.is_none() => {
                draft.unit_at = at;
                draft.family.unit = Some(unit);
            }
            Metadata::Type(kind) if !draft.typed => {
                draft.typed = true;
                draft.family.kind = kind;
            }
            Metadata::Type(_) | Metadata::Unit(_) => {}
        }
    }

    fn judge_metadata(&self, place: usize, metadata: &Metadata, at: usize, findings: &mut Findings) {
        let Draft { family, typed, .. } = &self.drafts[place];
        let (given, duplicate, misplaced, word) = match metadata {
            Metadata::Help(_) => (family.help.is_some(), "duplicate-help", "misplaced-help", "HELP"),
            Metadata::Type(_) => (*typed, "duplicate-type", "type-after-samples", "TYPE"),
            Metadata::Unit(_) => (family.unit.is_some(), "duplicate-unit", "misplaced-unit", "UNIT"),
        };
        let name = &family.name;
        if given {
            findings.push(at, duplicate, || format!("`{name}` has a {word} already"));
        } else if !family.samples.is_empty() {
            findings.push(at, misplaced, || {
                format!("the {word} of `{name}` comes after its samples")
            });
        } else if self.current != Some(place) {
            findings.push(at, "interleaved-families", || {
                format!("the lines of `{name}` are not in one group")
            });
        }
    }

    /// Samples that were taken for families of their own before it is said that they belong to this one.
    fn judge_late_type(&self, name: &str, kind: MetricType, at: usize, findings: &mut Findings) {
        let early = self
            .dialect
            .suffixes(kind)
            .iter()
            .filter(|suffix| !suffix.is_empty())
            .any(|suffix| {
                let place = self.by_name.get(&format!("{name}{suffix}"));
                place
                    .is_some_and(|place| !self.drafts[*place].typed && !self.drafts[*place].starts.is_empty())
            });
        if early {
            findings.push(at, "type-after-samples", || {
                format!("the TYPE of `{name}` comes after its samples")
            });
        }
    }

    /// Adds a sample that begins at `at`.
    pub(super) fn sample(&mut self, sample: Sample, at: usize, findings: &mut Findings) {
        let place = match self.current {
            Some(place) if self.continues(place, &sample) || self.owns(place, &sample.series.sample) => place,
            _ => self.elsewhere(&sample.series.sample, at, findings),
        };
        self.current = Some(place);
        self.seen.note(&sample);
        let draft = &mut self.drafts[place];
        draft.family.samples.push(sample);
        draft.starts.push(at);
    }

    /// The family of a sample that does not belong to the current one.
    fn elsewhere(&mut self, sample: &str, at: usize, findings: &mut Findings) -> usize {
        let bases = self
            .dialect
            .all_suffixes()
            .iter()
            .filter_map(|suffix| sample.strip_suffix(suffix));
        let mut places = std::iter::once(sample)
            .chain(bases)
            .filter_map(|name| self.by_name.get(name).copied());
        if let Some(place) = places.clone().find(|place| self.owns(*place, sample)) {
            let name = &self.drafts[place].family.name;
            findings.push(at, "interleaved-families", || {
                format!("the lines of `{name}` are not in one group")
            });
            return place;
        }
        // Named like a family, or like the current one with a suffix, but not as its type has it.
        if let Some(place) =
            places.find(|place| self.dialect == Dialect::OpenMetrics && self.drafts[*place].typed)
        {
            let Family { name, kind, .. } = &self.drafts[place].family;
            findings.push(at, "invalid-sample-name", || match self.dialect.suffixes(*kind) {
                [""] => format!("after `{name}`, a sample of its type has nothing"),
                suffixes => {
                    let suffixes = suffixes.join("`, `");
                    format!("after `{name}`, a sample of its type has one of `{suffixes}`")
                }
            });
            return place;
        }
        self.open(sample, at)
    }

    /// Whether the sample has the name of the family's last one, as most have: a name is shared while it is repeated.
    fn continues(&self, place: usize, sample: &Sample) -> bool {
        let last = self.drafts[place].family.samples.last();
        last.is_some_and(|last| Arc::ptr_eq(&last.series.sample, &sample.series.sample))
    }

    fn owns(&self, place: usize, sample: &str) -> bool {
        let family = &self.drafts[place].family;
        sample
            .strip_prefix(family.name.as_str())
            .is_some_and(|suffix| self.dialect.suffixes(family.kind).contains(&suffix))
    }

    fn open(&mut self, name: &str, at: usize) -> usize {
        let place = self.drafts.len();
        let family = Family::new(name, MetricType::Unknown);
        self.drafts.push(Draft {
            family,
            opened: at,
            unit_at: 0,
            starts: Vec::new(),
            typed: false,
        });
        // A suffixed sample may open a family whose name is taken by none yet, so the first one stays.
        self.by_name.entry(name.to_owned()).or_insert(place);
        place
    }

    /// The exposition, judged as a whole.
    pub(super) fn finish(self, body: &[u8], mut findings: Findings) -> Parsed {
        for draft in &self.drafts {
            match draft.family.kind {
                MetricType::Histogram | MetricType::GaugeHistogram => {
                    histogram::check(draft, self.dialect, &mut findings);
                }
                MetricType::Summary => summary::check(draft, self.dialect, &mut findings),
                _ => scalar::check(draft, &mut findings),
            }
        }
        if self.seen.any_twice() {
            unique::check(&self.drafts, self.dialect, &mut findings);
        }
        if self.dialect == Dialect::OpenMetrics {
            metric_set::check(&self.drafts, &mut findings);
        }
        let families = self.drafts.into_iter().map(|draft| draft.family).collect();
        Parsed {
            exposition: Exposition { families },
            findings: findings.place(body),
        }
    }
}

impl Draft {
    /// The samples, each with where it stands and the suffix that it has after the family's name.
    pub(super) fn samples(&self) -> impl Iterator<Item = (usize, &str, &Sample)> {
        let name = self.family.name.as_str();
        self.starts
            .iter()
            .zip(&self.family.samples)
            .map(move |(start, sample)| {
                (
                    *start,
                    sample.series.sample.strip_prefix(name).unwrap_or_default(),
                    sample,
                )
            })
    }
}
