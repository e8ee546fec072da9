//! `prometheus/agrees`: what Prometheus itself has stored of the fleet is what was asked of the workers.

use super::against::{Account, Sample, compare, untold};
use super::{Accounts, Difference, Finding, Outcome, Side, StoredSample};
use crate::ledger::Prediction;
use crate::series::{Labels, Series};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let inconclusive = |reason: String| Outcome::Inconclusive { reason };
    let Some(stored) = accounts.stored else {
        return inconclusive("Prometheus has not scraped this fleet".to_owned());
    };
    if let Some(reason) = untold(accounts) {
        return inconclusive(reason);
    }
    let samples: Vec<(Series, f64)> = stored.samples.iter().map(parsed).collect();
    let account = account(accounts.prediction, &samples);
    let comparison = compare(accounts.prediction, &account);
    let fell: Vec<Difference> = stored.fell.iter().map(fall).collect();
    if comparison.differing.is_empty() && fell.is_empty() {
        return Outcome::Pass {
            exercised: comparison.compared,
        };
    }
    let counts = [
        (
            comparison.differing.len(),
            "series are not what was asked of the workers",
        ),
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
        differences: [comparison.differences("stored", |_| Vec::new()), fell].concat(),
        notes: vec![note],
    }))
}

/// Prometheus keeps no families: a series is of one that is asked for by its name.
fn account<'a>(prediction: &Prediction, samples: &'a [(Series, f64)]) -> Account<'a> {
    let samples = samples.iter().map(|(series, value)| {
        let suffixes = ["_total", "_bucket", "_sum", "_count", ""].iter();
        let mut family = suffixes.filter_map(|suffix| series.sample.strip_suffix(suffix));
        let is_asked = family.any(|family| prediction.families.contains(family));
        (series, Sample::number(*value, is_asked))
    });
    samples.collect()
}

/// What is no number in Rust is none in Prometheus.
fn parsed(sample: &StoredSample) -> (Series, f64) {
    let value = sample.value.parse().unwrap_or(f64::NAN);
    (series(sample), value)
}

fn series(sample: &StoredSample) -> Series {
    Series::new(sample.name.clone(), Labels::new(sample.labels.clone()))
}

fn fall(sample: &StoredSample) -> Difference {
    Difference {
        series: series(sample).to_string(),
        expected: "never to fall".to_owned(),
        got: format!("{} times", sample.value),
        parts: Vec::new(),
    }
}
