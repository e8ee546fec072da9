//! What OpenMetrics asks of a whole exposition, beyond text 0.0.4.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::dialect::Dialect;
use super::document::Draft;
use super::family::Sample;
use super::finding::Findings;
use crate::series::{Labels, MetricType};

/// Checks names, units, exemplars, and that the samples of a metric stay together and in the order of time.
pub(super) fn check(drafts: &[Draft], findings: &mut Findings) {
    names(drafts, findings);
    for draft in drafts {
        unit(draft, findings);
        exemplars(draft, findings);
        grouping(draft, findings);
    }
}

/// No family's samples may be named like another family's: counter `a` and gauge `a_total`.
fn names(drafts: &[Draft], findings: &mut Findings) {
    let mut owners: HashMap<String, &str> = HashMap::new();
    for draft in drafts {
        let name = draft.family.name.as_str();
        let own = Dialect::OpenMetrics
            .suffixes(draft.family.kind)
            .iter()
            .copied()
            .chain([""]);
        for suffix in own.collect::<BTreeSet<_>>() {
            let owner = *owners.entry(format!("{name}{suffix}")).or_insert(name);
            if owner != name {
                findings.push(draft.opened, "name-clash", || {
                    format!("families `{owner}` and `{name}` clash over a name")
                });
            }
        }
    }
}

fn unit(draft: &Draft, findings: &mut Findings) {
    // An empty unit is none.
    let Some(unit) = draft.family.unit.as_deref().filter(|unit| !unit.is_empty()) else {
        return;
    };
    let name = &draft.family.name;
    let named = name.strip_suffix(unit).is_some_and(|rest| rest.ends_with('_'));
    if !named {
        findings.push(draft.unit_at, "unit-not-in-name", || {
            format!("`{name}` does not end in its unit")
        });
    }
    if matches!(draft.family.kind, MetricType::Info | MetricType::StateSet) {
        findings.push(draft.unit_at, "unit-not-allowed", || {
            format!("`{name}` is of a type without units")
        });
    }
}

fn exemplars(draft: &Draft, findings: &mut Findings) {
    for (start, suffix, _) in draft.samples().filter(|(_, _, sample)| sample.exemplar.is_some()) {
        let allowed = matches!(
            (draft.family.kind, suffix),
            (MetricType::Counter, "_total") | (MetricType::Histogram | MetricType::GaugeHistogram, "_bucket")
        );
        if !allowed {
            findings.push(start, "misplaced-exemplar", || {
                "only a counter's `_total` and a histogram's `_bucket` may have an exemplar".to_owned()
            });
        }
    }
}

/// The samples of a metric, which is a label set, stand together; its points go forward in time.
fn grouping(draft: &Draft, findings: &mut Findings) {
    let mut closed: HashSet<Labels> = HashSet::new();
    let mut current: Option<(Labels, Option<f64>)> = None;
    for (start, suffix, sample) in draft.samples() {
        let labels = metric_of(draft, suffix, sample);
        match current.take() {
            Some((last, time)) if last == labels => {
                // What looks like the points of an info is several infos.
                let ordered = draft.family.kind != MetricType::Info;
                let backwards = match (time, sample.timestamp) {
                    (Some(before), Some(now)) => ordered && now < before,
                    (before, now) => before.is_some() != now.is_some(),
                };
                if backwards {
                    findings.push(start, "timestamp-order", || {
                        "the samples of a metric all have a time or none, and go forward".to_owned()
                    });
                }
            }
            Some((last, _)) => {
                closed.insert(last);
                if closed.contains(&labels) {
                    findings.push(start, "interleaved-metrics", || {
                        "the samples of one label set are not in one group".to_owned()
                    });
                }
            }
            None => {}
        }
        current = Some((labels, sample.timestamp));
    }
}

fn metric_of(draft: &Draft, suffix: &str, sample: &Sample) -> Labels {
    let labels = &sample.series.labels;
    match (draft.family.kind, suffix) {
        (MetricType::Histogram | MetricType::GaugeHistogram, "_bucket") => labels.without("le"),
        (MetricType::Summary, "") => labels.without("quantile"),
        (MetricType::StateSet, _) => labels.without(&draft.family.name),
        // An info metric's labels are its value.
        (MetricType::Info, _) => Labels::default(),
        _ => labels.clone(),
    }
}
