//! From the values of a family's series to its samples (M4–M10).

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{Gathered, Merge, Series};
use crate::exposition::{Family, Label, Sample, SampleName};
use crate::file_name::{Kind, Mode};
use crate::float::float_text;
use crate::mutant::Mutant;

/// How several values of one series become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Sum,
    Min,
    Max,
    MostRecent,
    Last,
}

/// A family's samples, by label set and in order of appearance (M10).
#[derive(Default)]
struct Groups<'a> {
    ids: HashMap<Vec<Label<'a>>, usize, RandomState>,
    groups: Vec<Group<'a>>,
}

/// The samples of one label set.
#[derive(Default)]
struct Group<'a> {
    samples: Vec<Folded<'a>>,
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
    let rule = rule(family, merge.mutant);
    // Every mode but all and liveall strips `pid`, the user's too (M5).
    let keeps_pid = !matches!(family.kind, Kind::Gauge(_)) || rule == Rule::Last;
    let mut groups = Groups::default();
    for &id in &family.series {
        let series = &merge.series[id];
        if let Some(sum) = series.sum {
            groups.add(family, series, labels(series, None, keeps_pid), sum, 0.0, rule);
        }
        if !keeps_pid {
            groups.add_all(series, rule);
            continue;
        }
        for reading in &series.gauges {
            let labels = labels(series, Some(&merge.processes[reading.process]), true);
            groups.add(family, series, labels, reading.value, reading.timestamp, rule);
        }
    }
    Family {
        name: &family.name,
        help: &family.help,
        kind: family.kind,
        samples: groups.into_samples(&family.name, merge.mutant),
    }
}

fn rule(family: &Gathered, mutant: Option<Mutant>) -> Rule {
    if !matches!(family.kind, Kind::Gauge(_)) {
        return Rule::Sum;
    }
    match family.mode {
        Mode::All | Mode::LiveAll => Rule::Last,
        Mode::Min | Mode::LiveMin => Rule::Min,
        Mode::Max | Mode::LiveMax => Rule::Max,
        Mode::Sum | Mode::LiveSum if mutant == Some(Mutant::SumModeAsMax) => Rule::Max,
        Mode::Sum | Mode::LiveSum => Rule::Sum,
        Mode::MostRecent | Mode::LiveMostRecent => Rule::MostRecent,
    }
}

/// A series' labels, sorted; the process replaces a `pid` of the user's (M5).
fn labels<'a>(series: &'a Series, process: Option<&'a str>, keeps_pid: bool) -> Vec<Label<'a>> {
    let own = &series.key.labels;
    let mut labels: Vec<Label<'a>> = Vec::with_capacity(own.len() + 1);
    let stays = |name: &str| name != "pid" || (keeps_pid && process.is_none());
    labels.extend(
        own.iter()
            .filter(|(name, _)| stays(name))
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    if let Some(process) = process {
        let at = labels.partition_point(|(name, _)| *name < "pid");
        labels.insert(at, ("pid", process));
    }
    labels
}

impl<'a> Groups<'a> {
    fn group(&mut self, labels: Vec<Label<'a>>) -> &mut Group<'a> {
        let groups = &mut self.groups;
        let id = *self.ids.entry(labels).or_insert_with(|| {
            groups.push(Group::default());
            groups.len() - 1
        });
        &mut groups[id]
    }

    fn add(
        &mut self,
        family: &Gathered,
        series: &'a Series,
        mut labels: Vec<Label<'a>>,
        value: f64,
        timestamp: f64,
        rule: Rule,
    ) {
        if family.kind == Kind::Histogram
            && let Some(at) = labels.iter().position(|(name, _)| *name == "le")
        {
            let (_, le) = labels.remove(at);
            // A bound that is no number cannot be served at all (M9).
            if let Ok(bound) = le.trim().parse() {
                self.group(labels).buckets.push((bound, value));
            }
            return;
        }
        self.group(labels).add(&series.key.sample, value, timestamp, rule);
    }

    /// All processes' values of a gauge whose `pid` is stripped.
    fn add_all(&mut self, series: &'a Series, rule: Rule) {
        if series.gauges.is_empty() {
            return;
        }
        let group = self.group(labels(series, None, false));
        for reading in &series.gauges {
            group.add(&series.key.sample, reading.value, reading.timestamp, rule);
        }
    }

    fn into_samples(self, family: &'a str, mutant: Option<Mutant>) -> Vec<Sample<'a>> {
        let mut labels = vec![Vec::new(); self.groups.len()];
        for (set, id) in self.ids {
            labels[id] = set;
        }
        let mut samples = Vec::with_capacity(labels.len());
        for (group, labels) in self.groups.into_iter().zip(labels) {
            let Group {
                samples: folded,
                buckets,
            } = group;
            let first = samples.len();
            samples.extend(folded.iter().map(|folded| Sample {
                name: SampleName {
                    stem: folded.name,
                    suffix: "",
                },
                labels: labels.clone(),
                le: None,
                value: folded.value,
            }));
            if !buckets.is_empty() {
                // The accumulated count replaces one that was stored (M9).
                let is_count = |sample: &Sample<'_>| sample.name.is(family, "_count");
                let mut index = 0;
                samples.retain(|sample| {
                    index += 1;
                    index <= first || !is_count(sample)
                });
                add_buckets(&mut samples, family, labels, buckets, mutant);
            }
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
        let Some(folded) = self.samples.iter_mut().find(|folded| folded.name == name) else {
            // Python's sum begins with 0, which tells apart from -0.
            let value = if rule == Rule::Sum { 0.0 + value } else { value };
            self.samples.push(Folded {
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
}

/// Sums the buckets per bound, sorts and accumulates them; the last one is the count (M9).
fn add_buckets<'a>(
    samples: &mut Vec<Sample<'a>>,
    family: &'a str,
    labels: Vec<Label<'a>>,
    mut buckets: Vec<(f64, f64)>,
    mutant: Option<Mutant>,
) {
    buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    buckets.dedup_by(|(bound, count), (kept, sum)| {
        let same = bound == kept;
        if same {
            *sum += *count;
        }
        same
    });
    let mut accumulated = 0.0;
    for (bound, count) in buckets {
        accumulated += count;
        let raw = mutant == Some(Mutant::BucketsNotAccumulated);
        samples.push(Sample {
            name: SampleName {
                stem: family,
                suffix: "_bucket",
            },
            labels: labels.clone(),
            le: Some(float_text(bound)),
            value: if raw { count } else { accumulated },
        });
    }
    let name = SampleName {
        stem: family,
        suffix: "_count",
    };
    samples.push(Sample {
        name,
        labels,
        le: None,
        value: accumulated,
    });
}
