//! From a family's values to its samples (M4–M10).

use std::collections::HashMap;
use std::rc::Rc;

use foldhash::fast::RandomState;

use super::{Gathered, Merge};
use crate::exposition::{Extra, Family, Label, Sample, SampleName};
use crate::file_name::{Kind, Mode};
use crate::float::float_text;
use crate::mutant::Mutant;

/// A family's samples have one to three names; only a file that is made to do harm has more than are looked through.
const FEW_NAMES: usize = 8;

/// How several values of one series become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Sum,
    Min,
    Max,
    MostRecent,
    Last,
}

/// A family that is being folded: its samples by label set, in order of appearance (M10).
struct Fold<'a> {
    merge: &'a Merge,
    kind: Kind,
    rule: Rule,
    /// Where the values of a key belong.
    places: HashMap<usize, Place, RandomState>,
    sets: HashMap<Rc<[Label<'a>]>, usize, RandomState>,
    group_ids: HashMap<(usize, Option<usize>), usize, RandomState>,
    groups: Vec<Group<'a>>,
}

/// A key's label set, and a bucket's bound.
#[derive(Clone, Copy)]
struct Place {
    set: usize,
    bound: Option<f64>,
}

/// The samples of one label set.
struct Group<'a> {
    labels: Rc<[Label<'a>]>,
    /// The process, in the modes that tell processes apart.
    pid: Option<&'a str>,
    samples: Vec<Folded<'a>>,
    /// Where a sample of each name is, once they are many.
    #[expect(
        clippy::box_collection,
        reason = "hardly any group has one, and all groups are moved"
    )]
    by_name: Option<Box<HashMap<&'a str, usize, RandomState>>>,
    /// Bounds and counts, as read.
    buckets: Vec<(f64, f64)>,
}

struct Folded<'a> {
    name: &'a str,
    value: f64,
    timestamp: f64,
}

/// The samples of a family.
pub(super) fn fold<'a>(merge: &'a Merge, family: &'a Gathered) -> Family<'a> {
    let mut fold = Fold {
        merge,
        kind: family.kind,
        rule: rule(family, merge.mutant),
        places: HashMap::default(),
        sets: HashMap::default(),
        group_ids: HashMap::default(),
        groups: Vec::new(),
    };
    for &key in &family.summed {
        fold.add(key, None, merge.sums[key], 0.0);
    }
    for reading in &family.readings {
        let timestamp = match merge.mutant {
            Some(Mutant::ServesTheNeverSet) if reading.timestamp == 0.0 => f64::MIN_POSITIVE,
            _ => reading.timestamp,
        };
        fold.add(reading.key, Some(reading.process), reading.value, timestamp);
    }
    Family {
        name: &family.name,
        help: &family.help,
        kind: family.kind,
        samples: fold.into_samples(&family.name),
    }
}

fn rule(family: &Gathered, mutant: Option<Mutant>) -> Rule {
    if !matches!(family.kind, Kind::Gauge(_)) {
        return Rule::Sum;
    }
    let mode = family.mode;
    match mutant.and_then(Mutant::mistaken_mode) {
        Some((of, taken_for)) if mode.name().trim_start_matches("live") == of => {
            of_mode(Mode::parse(taken_for).unwrap_or(mode))
        }
        _ => of_mode(mode),
    }
}

fn of_mode(mode: Mode) -> Rule {
    match mode {
        Mode::All | Mode::LiveAll => Rule::Last,
        Mode::Min | Mode::LiveMin => Rule::Min,
        Mode::Max | Mode::LiveMax => Rule::Max,
        Mode::Sum | Mode::LiveSum => Rule::Sum,
        Mode::MostRecent | Mode::LiveMostRecent => Rule::MostRecent,
    }
}

impl<'a> Fold<'a> {
    /// Whether the family is a gauge of a mode other than all and liveall: these strip `pid`,
    /// the user's too (M5).
    fn strips_pid(&self) -> bool {
        matches!(self.kind, Kind::Gauge(_)) && self.rule != Rule::Last
    }

    fn add(&mut self, key: usize, process: Option<usize>, value: f64, timestamp: f64) {
        let Some(place) = self.place(key, process.is_some()) else {
            return;
        };
        // A bucket has room for its bound alone; it cannot come from a gauge's file, unless types
        // conflict.
        let process = process.filter(|_| !self.strips_pid() && place.bound.is_none());
        let rule = self.rule;
        let name = &self.merge.keys.get(key).sample;
        let group = self.group(place.set, process);
        match place.bound {
            Some(bound) => group.buckets.push((bound, value)),
            None => group.add(name, value, timestamp, rule),
        }
    }

    /// Where a key's values belong, found out once. A bucket whose bound is no number belongs
    /// nowhere (M9).
    fn place(&mut self, key: usize, of_process: bool) -> Option<Place> {
        if let Some(&place) = self.places.get(&key) {
            return Some(place);
        }
        let strips_pid = of_process || self.strips_pid();
        let mut bound = None;
        let mut labels = Vec::with_capacity(self.merge.keys.get(key).labels.len());
        for (name, value) in &self.merge.keys.get(key).labels {
            match name.as_str() {
                "pid" if strips_pid => {}
                "le" if self.kind == Kind::Histogram => bound = Some(value.trim().parse().ok()?),
                name => labels.push((name, value.as_str())),
            }
        }
        let next = self.sets.len();
        let set = *self.sets.entry(labels.into()).or_insert(next);
        let place = Place { set, bound };
        self.places.insert(key, place);
        Some(place)
    }

    fn group(&mut self, set: usize, process: Option<usize>) -> &mut Group<'a> {
        let next = self.groups.len();
        let id = *self.group_ids.entry((set, process)).or_insert(next);
        if id == next {
            let pid = process.map(|process| self.merge.processes[process].as_str());
            // The labels follow when all sets are known.
            let labels = Rc::from([]);
            let (samples, buckets) = (Vec::new(), Vec::new());
            self.groups.push(Group {
                labels,
                pid,
                samples,
                by_name: None,
                buckets,
            });
        }
        &mut self.groups[id]
    }

    fn into_samples(mut self, family: &'a str) -> Vec<Sample<'a>> {
        let mut sets = vec![Rc::from([]); self.sets.len()];
        for (labels, set) in self.sets {
            sets[set] = labels;
        }
        for ((set, _), id) in self.group_ids {
            self.groups[id].labels = Rc::clone(&sets[set]);
        }
        let mut samples = Vec::with_capacity(self.groups.len());
        for group in self.groups {
            group.write(family, self.merge.mutant, &mut samples);
        }
        samples
    }
}

impl<'a> Group<'a> {
    fn add(&mut self, name: &'a str, value: f64, timestamp: f64, rule: Rule) {
        if rule == Rule::MostRecent && (timestamp <= 0.0 || timestamp.is_nan()) {
            // A value that was never set is not served (M7).
            return;
        }
        let Some(folded) = self.find(name) else {
            // A sum begins with 0, as in Python: that of -0 alone is 0.
            let value = if rule == Rule::Sum { 0.0 + value } else { value };
            self.push(Folded {
                name,
                value,
                timestamp,
            });
            return;
        };
        match rule {
            Rule::Sum => folded.value += value,
            // Strict comparisons: a NaN that is read later is ignored (M6).
            Rule::Min if value < folded.value => folded.value = value,
            Rule::Max if value > folded.value => folded.value = value,
            Rule::MostRecent if folded.timestamp < timestamp => {
                folded.value = value;
                folded.timestamp = timestamp;
            }
            Rule::Last => folded.value = value,
            Rule::Min | Rule::Max | Rule::MostRecent => {}
        }
    }

    #[inline]
    fn find(&mut self, name: &str) -> Option<&mut Folded<'a>> {
        if self.samples.len() > FEW_NAMES {
            let at = *self.by_name.as_deref()?.get(name)?;
            return self.samples.get_mut(at);
        }
        self.samples.iter_mut().find(|folded| folded.name == name)
    }

    fn push(&mut self, folded: Folded<'a>) {
        self.samples.push(folded);
        if self.samples.len() > FEW_NAMES {
            let by_name = self.by_name.get_or_insert_default();
            let names = self.samples.iter().enumerate().skip(by_name.len());
            by_name.extend(names.map(|(at, folded)| (folded.name, at)));
        }
    }

    fn write(self, family: &'a str, mutant: Option<Mutant>, samples: &mut Vec<Sample<'a>>) {
        let stored = |name| SampleName {
            stem: name,
            suffix: "",
        };
        for Folded { name, value, .. } in &self.samples {
            // The accumulated count takes the place of one that was stored (M9).
            if self.buckets.is_empty() || !stored(name).is(family, "_count") {
                let extra = self.pid.map(Extra::Pid);
                let labels = Rc::clone(&self.labels);
                samples.push(Sample {
                    name: stored(name),
                    labels,
                    extra,
                    value: *value,
                });
            }
        }
        if !self.buckets.is_empty() {
            self.write_buckets(family, mutant, samples);
        }
    }

    /// Sums the buckets per bound, sorts and accumulates them; the last one is the count (M9).
    fn write_buckets(mut self, family: &'a str, mutant: Option<Mutant>, samples: &mut Vec<Sample<'a>>) {
        self.buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        self.buckets.dedup_by(|(bound, count), (kept, sum)| {
            let same = bound == kept;
            if same {
                *sum += *count;
            }
            same
        });
        let mut accumulated = 0.0;
        for (bound, count) in self.buckets {
            accumulated += count;
            let raw = mutant == Some(Mutant::BucketsNotAccumulated);
            samples.push(Sample {
                name: SampleName {
                    stem: family,
                    suffix: "_bucket",
                },
                labels: Rc::clone(&self.labels),
                extra: Some(Extra::Le(float_text(bound))),
                value: if raw { count } else { accumulated },
            });
        }
        let name = SampleName {
            stem: family,
            suffix: "_count",
        };
        samples.push(Sample {
            name,
            labels: self.labels,
            extra: None,
            value: accumulated,
        });
    }
}
