//! What makes a summary consistent.

use super::dialect::Dialect;
use super::document::Draft;
use super::family::Sample;
use super::finding::Findings;
use super::group::Groups;
use super::histogram;
use super::number::parse_value;

/// One label set of a summary.
#[derive(Default)]
struct Seen {
    last_quantile: Option<f64>,
    count: bool,
    sum: bool,
}

/// Checks the quantiles, `_count` and `_sum` of every label set.
pub(super) fn check(draft: &Draft, dialect: Dialect, findings: &mut Findings) {
    let mut groups: Groups<'_, Seen> = Groups::new("quantile", dialect);
    for (start, suffix, sample) in draft.samples() {
        let seen = groups.of(start, sample);
        match suffix {
            "" => quantile(seen, start, sample, dialect, findings),
            "_sum" => {
                seen.sum = true;
                if dialect == Dialect::OpenMetrics {
                    histogram::summed(start, sample.value, false, findings);
                }
            }
            "_count" => {
                seen.count = true;
                count(start, sample, dialect, findings);
            }
            _ => {}
        }
    }
    // OpenMetrics lets a summary do without either.
    if dialect == Dialect::Text {
        for (start, seen) in groups.into_all() {
            if !seen.count {
                findings.push(start, "missing-count", || "there is no `_count`".to_owned());
            }
            if !seen.sum {
                findings.push(start, "missing-sum", || "there is no `_sum`".to_owned());
            }
        }
    }
}

fn quantile(seen: &mut Seen, start: usize, sample: &Sample, dialect: Dialect, findings: &mut Findings) {
    let label = sample.series.labels.get("quantile");
    let quantile = label
        .and_then(parse_value)
        .filter(|quantile| (0.0..=1.0).contains(quantile));
    let Some(quantile) = quantile else {
        findings.push(start, "summary-quantile", || {
            "a summary's own sample has a label `quantile` from 0 to 1".to_owned()
        });
        return;
    };
    // OpenMetrics lets quantiles come in any order, and has a rule for their values.
    if dialect == Dialect::OpenMetrics {
        if sample.value < 0.0 {
            findings.push(start, "quantile-value", || {
                format!("the value at quantile {quantile} is {}", sample.value)
            });
        }
        return;
    }
    if seen.last_quantile.is_some_and(|last| quantile <= last) {
        findings.push(start, "quantile-order", || {
            format!("quantile {quantile} is not greater than the one before")
        });
    }
    seen.last_quantile = Some(quantile);
}

fn count(start: usize, sample: &Sample, dialect: Dialect, findings: &mut Findings) {
    let value = sample.value;
    let fraction = dialect == Dialect::OpenMetrics && value.is_finite() && value.fract() != 0.0;
    if value.is_nan() || value < 0.0 || fraction {
        findings.push(start, "count-value", || {
            format!("`_count` counts observations, {value} is no count")
        });
    }
}
