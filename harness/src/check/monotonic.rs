//! `scrape/monotonic`: cumulative series never fall and never vanish between scrapes.

use std::collections::BTreeMap;

use super::{Accounts, Difference, Finding, Outcome, Side};
use crate::exposition::{Exposition, go_float};
use crate::series::{MetricType, Series};

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let mut seen: BTreeMap<&Series, f64> = BTreeMap::new();
    let mut exercised = 0;
    let served = accounts.observations().filter_map(|observation| {
        observation
            .scrape
            .as_ref()
            .ok()?
            .parsed
            .as_ref()
            .map(|parsed| &parsed.exposition)
    });
    for (at, exposition) in served.enumerate() {
        let now: BTreeMap<&Series, f64> = cumulative(exposition).collect();
        let mut differences = Vec::new();
        for (series, before) in &seen {
            exercised += 1;
            let after = now.get(series).copied();
            if after.is_none_or(|after| after < *before) {
                differences.push(Difference {
                    series: series.to_string(),
                    expected: format!("at least {}", go_float(*before)),
                    got: after.map_or_else(|| "nothing".to_owned(), go_float),
                    parts: Vec::new(),
                });
            }
        }
        if !differences.is_empty() {
            let summary = format!(
                "from scrape {at} to scrape {}, {} series fell or vanished",
                at + 1,
                differences.len()
            );
            return Outcome::Fail(Box::new(Finding {
                summary,
                side: Side::Server,
                differences,
                notes: Vec::new(),
            }));
        }
        seen = now;
    }
    if seen.is_empty() {
        return Outcome::Inconclusive {
            reason: "no cumulative series was served".to_owned(),
        };
    }
    Outcome::Pass { exercised }
}

/// The series that only grow. A `_sum` does so only where nothing negative is observed, which a scrape does
/// not tell, so it is left out.
fn cumulative(exposition: &Exposition) -> impl Iterator<Item = (&Series, f64)> {
    let families = exposition.families.iter().filter(|family| {
        matches!(
            family.kind,
            MetricType::Counter | MetricType::Histogram | MetricType::Summary
        )
    });
    let samples = families.flat_map(|family| &family.samples);
    samples
        .filter(|sample| !sample.series.sample.ends_with("_sum"))
        .map(|sample| (&sample.series, sample.value))
}
