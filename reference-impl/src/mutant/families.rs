//! The mutants that change the merged families before they are written.

use super::Mutant;
use crate::exposition::{Extra, Family, Sample};
use crate::file_name::Kind;

/// The families as the mutant has them.
pub(crate) fn change(mutant: Mutant, families: &mut Vec<Family<'_>>) {
    match mutant {
        Mutant::LosesAFamily if families.len() > 1 => drop(families.remove(0)),
        Mutant::LosesSums => {
            for family in families {
                let name = family.name;
                family.samples.retain(|sample| !sample.name.is(name, "_sum"));
            }
        }
        Mutant::ValuesAsIntegers => each_value(families, f64::round),
        Mutant::NegativesAsZero => each_value(families, |value| value.max(0.0)),
        Mutant::InfinitiesClamped => each_value(families, |value| value.clamp(f64::MIN, f64::MAX)),
        Mutant::NansDropped => {
            for family in families {
                family.samples.retain(|sample| !sample.value.is_nan());
            }
        }
        Mutant::BucketsAccumulatedTwice | Mutant::BucketsOffByOne | Mutant::BucketsUnsorted => {
            let histograms = families
                .iter_mut()
                .filter(|family| family.kind == Kind::Histogram);
            for family in histograms {
                let is_bucket = |sample: &Sample<'_>| matches!(sample.extra, Some(Extra::Le(_)));
                // Between two label sets there is a count.
                for buckets in family.samples.split_mut(|sample| !is_bucket(sample)) {
                    change_buckets(mutant, buckets);
                }
            }
        }
        _ => {}
    }
}

fn each_value(families: &mut [Family<'_>], change: impl Fn(f64) -> f64) {
    for sample in families.iter_mut().flat_map(|family| &mut family.samples) {
        if !sample.value.is_nan() {
            sample.value = change(sample.value);
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
