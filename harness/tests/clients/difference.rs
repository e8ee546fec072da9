//! The truth against what a client served.

use std::collections::BTreeSet;

use counterfoil::series::{MetricType, Series};
use counterfoil::truth::{Admissible, Outcome, Truth, TruthFamily};

use crate::answer::Served;
use crate::property::Counts;

/// How a client calls a family.
pub(crate) type Names = fn(&TruthFamily, &str) -> bool;

/// Without a counter's `_total`, as the Python client does.
pub(crate) fn bare(family: &TruthFamily, name: &str) -> bool {
    family.name == name
}

/// As in text 0.0.4.
pub(crate) fn exposed(family: &TruthFamily, name: &str) -> bool {
    family.is_exposed_as(name)
}

/// How exactly the answer must be the truth's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The files were read in the order of their names: the first outcome, and its very bits.
    ByName,
    /// In the order of their names, too, but a family's type may be that of any outcome (R6).
    ByNameButForTheType,
    /// In any other: one of the outcomes, and in each series one of its answers.
    Any,
}

/// Every family is served and no other, and some outcome explains all of each.
pub(crate) fn agree(truth: &Truth, served: &[Served], names: Names, order: Order) -> Result<(), String> {
    if served.len() != truth.families.len() {
        let served: Vec<&str> = served.iter().map(|family| family.name.as_str()).collect();
        return Err(format!(
            "{} families, the client serves {served:?}",
            truth.families.len()
        ));
    }
    for family in served {
        let known = truth.families.iter().find(|known| names(known, &family.name));
        let known = known.ok_or_else(|| format!("no family {}", family.name))?;
        explained(known, family, order)?;
    }
    Ok(())
}

/// Counts what a truth holds.
pub(crate) fn count(truth: &Truth, counts: &mut Counts) {
    for family in &truth.families {
        counts.conflicts += usize::from(family.outcomes.len() > 1);
        for admissible in family.outcomes[0].samples.values() {
            counts.series += 1;
            counts.sets += usize::from(matches!(admissible, Admissible::OneOf(_)));
            counts.near += usize::from(matches!(admissible, Admissible::Near { .. }));
        }
    }
}

fn explained(known: &TruthFamily, served: &Served, order: Order) -> Result<(), String> {
    let outcomes = match order {
        Order::ByName => &known.outcomes[..1],
        Order::ByNameButForTheType | Order::Any => &known.outcomes,
    };
    let mut differences = Vec::new();
    for outcome in outcomes {
        match difference(outcome, served, order) {
            None => return Ok(()),
            Some(difference) => differences.push(difference),
        }
    }
    Err(format!("family {}: {}", known.name, differences.join("; or ")))
}

fn difference(outcome: &Outcome, served: &Served, order: Order) -> Option<String> {
    if kind(outcome.kind) != served.kind {
        return Some(format!("type {:?}, served as {}", outcome.kind, served.kind));
    }
    let helps = match order {
        Order::ByName => &outcome.helps[..1],
        Order::ByNameButForTheType | Order::Any => &outcome.helps,
    };
    if !helps.contains(&served.help) {
        return Some(format!(
            "{:?} helps {helps:?}, served {:?}",
            outcome.mode, served.help
        ));
    }
    let exact = order != Order::Any && !served.comes_twice();
    let mut left: BTreeSet<&Series> = outcome.samples.keys().collect();
    for (series, value) in served.samples() {
        let Some(admissible) = outcome.samples.get(&series) else {
            return Some(format!("{:?} has no {series}", outcome.mode));
        };
        let right = if exact {
            same(admissible.representative(), value)
        } else {
            admissible.admits(value)
        };
        if !right {
            return Some(format!(
                "{:?} {series}: {admissible:?}, served {value:?}",
                outcome.mode
            ));
        }
        left.remove(&series);
    }
    left.first()
        .map(|series| format!("{:?} {series} is not served", outcome.mode))
}

/// To the bit; a NaN is a NaN.
fn same(one: f64, other: f64) -> bool {
    one.to_bits() == other.to_bits() || (one.is_nan() && other.is_nan())
}

/// As clients call it.
fn kind(kind: MetricType) -> &'static str {
    match kind {
        MetricType::Counter => "counter",
        MetricType::Gauge => "gauge",
        MetricType::Histogram => "histogram",
        MetricType::Summary => "summary",
        MetricType::Unknown => "unknown",
        MetricType::Info => "info",
        MetricType::StateSet => "stateset",
        MetricType::GaugeHistogram => "gaugehistogram",
    }
}
