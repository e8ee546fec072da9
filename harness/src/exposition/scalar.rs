//! What values a counter, an info and a state set may have.

use super::document::Draft;
use super::finding::Findings;
use crate::series::MetricType;

/// Checks the values of every sample of a family that has one sample a label set.
pub(super) fn check(draft: &Draft, findings: &mut Findings) {
    for (start, suffix, sample) in draft.samples() {
        let value = sample.value;
        match draft.family.kind {
            MetricType::Counter if suffix != "_created" && (value.is_nan() || value < 0.0) => {
                findings.push(start, "counter-value", || {
                    format!("a counter only goes up from 0, {value} is none")
                });
            }
            MetricType::Info if value != 1.0 => {
                findings.push(start, "info-value", || format!("an info is 1, not {value}"));
            }
            MetricType::StateSet => {
                if value != 0.0 && value != 1.0 {
                    findings.push(start, "stateset-value", || {
                        format!("a state is 0 or 1, not {value}")
                    });
                }
                if sample.series.labels.get(&draft.family.name).is_none() {
                    findings.push(start, "stateset-label", || {
                        format!("a state has a label `{}`", draft.family.name)
                    });
                }
            }
            _ => {}
        }
    }
}
