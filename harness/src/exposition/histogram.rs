//! What makes a histogram consistent.

use super::dialect::Dialect;
use super::document::Draft;
use super::family::Sample;
use super::finding::Findings;
use super::group::Groups;
use super::number::parse_value;
use crate::series::MetricType;

/// One label set of a histogram.
#[derive(Default)]
struct Seen {
    last: Option<(f64, f64)>,
    infinite: Option<f64>,
    count: Option<(usize, f64)>,
    sum: Option<(usize, f64)>,
    created: bool,
    negative_bound: bool,
}

/// Checks buckets, `_count` and `_sum` of every label set.
pub(super) fn check(draft: &Draft, dialect: Dialect, findings: &mut Findings) {
    let mut groups: Groups<'_, Seen> = Groups::new("le", dialect);
    for (start, suffix, sample) in draft.samples() {
        let seen = groups.of(start, sample);
        match suffix {
            "_bucket" => bucket(seen, start, sample, dialect, findings),
            "_count" | "_gcount" => {
                counted(start, suffix, sample, dialect, findings);
                seen.count = Some((start, sample.value));
            }
            "_sum" | "_gsum" => seen.sum = Some((start, sample.value)),
            "_created" => seen.created = true,
            _ => {}
        }
    }
    let gauge = draft.family.kind == MetricType::GaugeHistogram;
    for (start, seen) in groups.into_all() {
        whole(start, &seen, dialect, gauge, findings);
    }
}

fn bucket(seen: &mut Seen, start: usize, sample: &Sample, dialect: Dialect, findings: &mut Findings) {
    let Some(le) = sample.series.labels.get("le") else {
        findings.push(start, "bucket-without-le", || {
            "a bucket has a label `le`".to_owned()
        });
        return;
    };
    let Some(bound) = parse_value(le).filter(|bound| !bound.is_nan()) else {
        findings.push(start, "bucket-bound", || {
            format!("le=\"{}\" is no bound", super::sample_line::shortened(le))
        });
        return;
    };
    if dialect == Dialect::OpenMetrics && bound == f64::INFINITY && le != "+Inf" {
        findings.push(start, "bucket-bound", || {
            "the infinite bound is written `+Inf`".to_owned()
        });
    }
    counted(start, "_bucket", sample, dialect, findings);
    if let Some((last_bound, last_value)) = seen.last {
        if bound <= last_bound {
            findings.push(start, "bucket-order", || {
                format!("bound {bound} comes after bound {last_bound}")
            });
        } else if sample.value < last_value {
            findings.push(start, "bucket-not-cumulative", || {
                format!(
                    "{} up to {bound}, but {last_value} up to {last_bound}",
                    sample.value
                )
            });
        }
    }
    seen.last = Some((bound, sample.value));
    seen.negative_bound |= bound < 0.0;
    if bound == f64::INFINITY {
        seen.infinite = Some(sample.value);
    }
}

/// A count of observations is neither negative nor NaN, and in OpenMetrics an integer.
fn counted(start: usize, suffix: &str, sample: &Sample, dialect: Dialect, findings: &mut Findings) {
    let value = sample.value;
    let fraction = dialect == Dialect::OpenMetrics && value.is_finite() && value.fract() != 0.0;
    if value.is_nan() || value < 0.0 || fraction {
        findings.push(start, "count-value", || {
            format!("`{suffix}` counts observations, {value} is no count")
        });
    }
}

fn whole(start: usize, seen: &Seen, dialect: Dialect, gauge: bool, findings: &mut Findings) {
    if seen.last.is_none() && seen.count.is_none() && seen.sum.is_none() && !seen.created {
        return; // Nothing but buckets that are findings themselves.
    }
    match (seen.infinite, seen.count) {
        (None, _) => findings.push(start, "missing-inf-bucket", || {
            "there is no bucket le=\"+Inf\"".to_owned()
        }),
        (Some(infinite), Some((at, count)))
            if infinite != count && !(infinite.is_nan() && count.is_nan()) =>
        {
            findings.push(at, "count-differs", || {
                format!("the count is {count}, the bucket le=\"+Inf\" {infinite}")
            });
        }
        _ => {}
    }
    // In OpenMetrics both may be left out, but not one of them.
    let optional = dialect == Dialect::OpenMetrics && seen.count.is_none() && seen.sum.is_none();
    if seen.count.is_none() && !optional {
        findings.push(start, "missing-count", || "there is no `_count`".to_owned());
    }
    let forbidden = dialect == Dialect::OpenMetrics && seen.negative_bound && !gauge;
    match seen.sum {
        None if optional => {}
        None if forbidden => findings.push(start, "count-with-negative-bounds", || {
            "a `_count` goes with a `_sum`: with negative bounds there is neither".to_owned()
        }),
        None => findings.push(start, "missing-sum", || "there is no `_sum`".to_owned()),
        Some(_) if forbidden => findings.push(start, "sum-with-negative-bounds", || {
            "a `_sum` that can go down is not a counter: with negative bounds there is none".to_owned()
        }),
        Some((at, sum)) if dialect == Dialect::OpenMetrics => {
            let may_be_negative = gauge && seen.negative_bound;
            summed(at, sum, may_be_negative, findings);
        }
        Some(_) => {}
    }
}

/// In OpenMetrics a sum is a counter, or at least a number; text 0.0.4 has no rule for it.
pub(super) fn summed(at: usize, sum: f64, may_be_negative: bool, findings: &mut Findings) {
    if sum.is_nan() || (sum < 0.0 && !may_be_negative) {
        findings.push(at, "sum-value", || {
            format!("a sum of what was observed is not {sum}")
        });
    }
}
