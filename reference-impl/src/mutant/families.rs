//! The mutants that change the merged families before they are written.

use std::collections::HashSet;

use super::Mutant;
use crate::exposition::{Extra, Family, Sample};
use crate::file_name::{Kind, Mode};

/// The families as the mutant has them.
pub(crate) fn change(mutant: Mutant, families: &mut Vec<Family<'_>>) {
    match mutant {
        Mutant::LosesAFamily if families.len() > 1 => drop(families.remove(0)),
        Mutant::LosesSums => each_family(families, |family| without(family, is_sum)),
        Mutant::SumsWithheldBelowZero => each_family(families, |family| {
            if family.samples.iter().any(|sample| bound(sample).starts_with('-')) {
                without(family, is_sum);
            }
        }),
        Mutant::InfBucketMissing => {
            each_family(families, |family| {
                without(family, |_, sample| bound(sample) == "+Inf")
            });
        }
        Mutant::ZerosDropped => each_family(families, |family| {
            without(family, |_, sample| sample.value == 0.0)
        }),
        Mutant::NansDropped => each_family(families, |family| {
            without(family, |_, sample| sample.value.is_nan())
        }),
        Mutant::ValuesAsIntegers => each_value(families, |_, value| value.round()),
        Mutant::NegativesAsZero => each_value(families, |_, value| value.max(0.0)),
        Mutant::InfinitiesClamped => each_value(families, |_, value| value.clamp(f64::MIN, f64::MAX)),
        Mutant::SixDigits => each_value(families, |_, value| {
            format!("{value:.5e}").parse().unwrap_or(value)
        }),
        Mutant::ExtremesStartAtZero => each_value(families, |kind, value| match kind {
            Kind::Gauge(Mode::Min | Mode::LiveMin) => value.min(0.0),
            Kind::Gauge(Mode::Max | Mode::LiveMax) => value.max(0.0),
            _ => value,
        }),
        Mutant::OneProcessIsNotMerged => forget_a_lonely_pid(families),
        Mutant::HelpByPrefix => {
            let all: Vec<_> = families.iter().map(|family| (family.name, family.help)).collect();
            each_family(families, |family| {
                let begins_it = |(name, _): &&(&str, &str)| family.name.starts_with(name);
                let shortest = all.iter().filter(begins_it).min_by_key(|(name, _)| name.len());
                family.help = shortest.map_or(family.help, |(_, help)| help);
            });
        }
        Mutant::BucketsAccumulatedTwice | Mutant::BucketsOffByOne | Mutant::BucketsUnsorted => {
            each_family(families, |family| {
                // Between two label sets there is a count.
                let parts = family.samples.split_mut(|sample| bound(sample).is_empty());
                parts.for_each(|buckets| change_buckets(mutant, buckets));
            });
        }
        Mutant::BucketsAccumulatedOverSets => each_family(families, |family| {
            let mut before = 0.0;
            for sample in &mut family.samples {
                match bound(sample) {
                    "" => {}
                    "+Inf" => before += sample.value,
                    _ => sample.value += before,
                }
            }
        }),
        _ => {}
    }
}

fn each_family<'a>(families: &mut [Family<'a>], change: impl Fn(&mut Family<'a>)) {
    families.iter_mut().for_each(change);
}

/// A family without the samples that are so; asked with its name.
fn without<'a>(family: &mut Family<'a>, is_so: impl Fn(&str, &Sample<'a>) -> bool) {
    let name = family.name;
    family.samples.retain(|sample| !is_so(name, sample));
}

fn is_sum(family: &str, sample: &Sample<'_>) -> bool {
    sample.name.is(family, "_sum")
}

/// The bound of a bucket; of any other sample, nothing.
fn bound<'s>(sample: &'s Sample<'_>) -> &'s str {
    match &sample.extra {
        Some(Extra::Le(bound)) => bound,
        _ => "",
    }
}

/// Of gauges that tell processes apart: where there is only one, it is not told.
fn forget_a_lonely_pid(families: &mut [Family<'_>]) {
    let mut samples: Vec<_> = families
        .iter_mut()
        .flat_map(|family| &mut family.samples)
        .collect();
    let pids: HashSet<&str> = samples
        .iter()
        .filter_map(|sample| match sample.extra {
            Some(Extra::Pid(pid)) => Some(pid),
            _ => None,
        })
        .collect();
    if pids.len() == 1 {
        let told = samples
            .iter_mut()
            .filter(|sample| matches!(sample.extra, Some(Extra::Pid(_))));
        told.for_each(|sample| sample.extra = None);
    }
}

fn each_value(families: &mut [Family<'_>], change: impl Fn(Kind, f64) -> f64) {
    for family in families {
        for sample in family.samples.iter_mut().filter(|sample| !sample.value.is_nan()) {
            sample.value = change(family.kind, sample.value);
        }
    }
}

/// The buckets of one label set, by bound.
fn change_buckets(mutant: Mutant, buckets: &mut [Sample<'_>]) {
    match mutant {
        Mutant::BucketsAccumulatedTwice => {
            let mut accumulated = 0.0;
            for bucket in buckets {
                accumulated += bucket.value;
                bucket.value = accumulated;
            }
        }
        // Each has what belongs to the next one; the last has what it should.
        Mutant::BucketsOffByOne => {
            for at in 1..buckets.len() {
                buckets[at - 1].value = buckets[at].value;
            }
        }
        _ => buckets.reverse(),
    }
}
