//! `prometheus/agrees`: what Prometheus itself has stored of the fleet is what was asked of the workers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Accounts, Difference, Finding, Outcome, Side, StoredSample};
use crate::exposition::go_float;
use crate::series::{Labels, Series};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let inconclusive = |reason: &str| Outcome::Inconclusive {
        reason: reason.to_owned(),
    };
    let Some(stored) = accounts.stored else {
        return inconclusive("Prometheus has not scraped this fleet");
    };
    if accounts.ledger.open() > 0 || accounts.ledger.indeterminate() > accounts.indeterminate_limit {
        return inconclusive("too many tasks are open or indeterminate");
    }
    let samples: BTreeMap<Series, f64> = stored.samples.iter().map(parsed).collect();
    let mut differences = Vec::new();
    for (series, bounds) in &accounts.prediction.series {
        let got = samples.get(series).copied();
        let agrees = got.map_or(bounds.optional, |got| bounds.admits(got));
        if !agrees {
            differences.push(difference(series.to_string(), &format!("ledger {bounds}"), got));
        }
    }
    let families: BTreeSet<&str> = accounts.prediction.families.iter().map(String::as_str).collect();
    let unasked = samples.iter().filter(|(series, _)| {
        let family = ["_total", "_bucket", "_sum", "_count", ""]
            .iter()
            .filter_map(|suffix| series.sample.strip_suffix(suffix));
        family.clone().any(|family| families.contains(family)) && !accounts.prediction.accounts_for(series)
    });
    differences
        .extend(unasked.map(|(series, got)| difference(series.to_string(), "ledger nothing", Some(*got))));
    let fell: Vec<Difference> = stored.fell.iter().map(fall).collect();
    if differences.is_empty() && fell.is_empty() {
        return Outcome::Pass {
            exercised: accounts.prediction.series.len(),
        };
    }
    let counts = [
        (differences.len(), "series are not what was asked of the workers"),
        (fell.len(), "fell on the way"),
    ];
    let found = counts.iter().filter(|(count, _)| *count > 0);
    let found: Vec<String> = found.map(|(count, what)| format!("{count} {what}")).collect();
    let note = format!(
        "Prometheus made {} scrapes, of which {} failed",
        stored.scrapes, stored.failed
    );
    Outcome::Fail(Box::new(Finding {
        summary: format!("what Prometheus has stored is wrong: {}", found.join(", ")),
        side: Side::Server,
        differences: [differences, fell].concat(),
        notes: vec![note],
    }))
}

/// What is no number in Rust is none in Prometheus.
fn parsed(sample: &StoredSample) -> (Series, f64) {
    let value = sample.value.parse().unwrap_or(f64::NAN);
    (series(sample), value)
}

fn series(sample: &StoredSample) -> Series {
    Series::new(sample.name.clone(), Labels::new(sample.labels.clone()))
}

fn difference(series: String, expected: &str, got: Option<f64>) -> Difference {
    Difference {
        series,
        expected: expected.to_owned(),
        got: got.map_or_else(
            || "stored nothing".to_owned(),
            |got| format!("stored {}", go_float(got)),
        ),
        parts: Vec::new(),
    }
}

fn fall(sample: &StoredSample) -> Difference {
    Difference {
        series: series(sample).to_string(),
        expected: "never to fall".to_owned(),
        got: format!("{} times", sample.value),
        parts: Vec::new(),
    }
}
