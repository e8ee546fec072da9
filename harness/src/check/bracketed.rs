//! `scrape/bracketed`: a scrape lies between the files before and the files after it.
//!
//! Cells of counters and buckets only grow, so T0 <= S <= T1 holds per series although a reader takes the files
//! one by one and unlocked, and keys(T0) ⊆ keys(S) ⊆ keys(T1). Neither holds once a file is removed in between.
//! The value of a gauge cannot be bracketed, nor can a `_sum` whose `_count` moved: its observations may have
//! been negative. Nor can the presence of a live gauge, which goes with its process.

use std::collections::{BTreeMap, BTreeSet};

use super::equals_truth::{Shares, admissible_text, tellingness};
use super::{Accounts, Difference, Finding, Outcome, Reading, Side};
use crate::exposition::{Exposition, go_float};
use crate::series::{MetricType, Series};
use crate::truth::{Admissible, Truth};

/// How a scrape lies to the files around it.
#[derive(Clone, Debug, Default)]
pub struct Bracket {
    /// Series that lie outside, whatever happened in between.
    pub outside: Vec<Difference>,
    /// Series that differ from the files, but moved or cannot be bracketed.
    pub undecided: Vec<Difference>,
    /// How many series lie inside.
    pub inside: usize,
    /// How many of those did not move, so that they are equal.
    pub exact: usize,
    /// The largest distance between T1 and T0 of a series that is inside.
    pub width: f64,
    /// Whether a file was removed in between: then nothing can be bracketed.
    pub files_removed: bool,
}

pub(super) fn judge(accounts: &Accounts<'_>) -> Outcome {
    let (mut exercised, mut skipped) = (0, 0);
    for (at, observation) in accounts.observations().enumerate() {
        let (Ok(before), Ok(after)) = (&observation.before, &observation.after) else {
            skipped += 1;
            continue;
        };
        let Some(parsed) = observation
            .scrape
            .as_ref()
            .ok()
            .and_then(|scraped| scraped.parsed.as_ref())
        else {
            skipped += 1;
            continue;
        };
        let bracket = bracket(before, &parsed.exposition, after);
        if !bracket.outside.is_empty() {
            let count = bracket.outside.len();
            let summary = format!(
                "scrape {} lies outside the files before and after it in {count} series",
                at + 1
            );
            let differences = bracket.outside;
            return Outcome::Fail(Box::new(Finding {
                summary,
                side: Side::Server,
                differences,
                notes: Vec::new(),
            }));
        }
        exercised += bracket.inside;
    }
    if exercised == 0 {
        return Outcome::Inconclusive {
            reason: format!("no series could be bracketed ({skipped} scrapes skipped)"),
        };
    }
    Outcome::Pass { exercised }
}

/// Holds a scrape against the files before and after it.
pub fn bracket(before: &Reading, served: &Exposition, after: &Reading) -> Bracket {
    let mut bracket = Bracket {
        files_removed: !names(before).is_subset(&names(after)),
        ..Bracket::default()
    };
    let served = samples(served);
    let mut shares = Shares::of(&after.snapshot, None);
    let (lower, upper) = (series_of(&before.truth), series_of(&after.truth));
    // Shares go to the first differences, so the series that tell most come first.
    let mut in_order: Vec<_> = upper.iter().collect();
    in_order.sort_by_key(|(series, _)| tellingness(&series.sample));
    for (series, (kind, high)) in in_order {
        let low = lower.get(series).map(|(_, low)| *low);
        let got = served.get(series).map(|(_, got)| *got);
        match place(series, *kind, low, got, high, &upper, &lower) {
            Place::Inside => bracket.count_inside(low, high),
            place => {
                let got = got.map_or_else(|| "nothing".to_owned(), go_float);
                let difference = Difference {
                    series: series.to_string(),
                    expected: expected(low, high),
                    got: format!("scrape {got}"),
                    parts: shares.next(series),
                };
                bracket.put(place, difference);
            }
        }
    }
    for (series, (kind, got)) in served.iter().filter(|(series, _)| !upper.contains_key(*series)) {
        let difference = Difference {
            series: series.to_string(),
            expected: "truth nothing".to_owned(),
            got: format!("scrape {}", go_float(*got)),
            parts: Vec::new(),
        };
        // A process may have come and gone in between, and its live gauges with it (M5, M8).
        let may_have_passed = *kind == MetricType::Gauge && series.labels.get("pid").is_some();
        let place = if may_have_passed && !lower.contains_key(series) {
            Place::Undecided
        } else {
            Place::Outside
        };
        bracket.put(place, difference);
    }
    bracket
}

fn names(reading: &Reading) -> BTreeSet<&str> {
    let files = reading.snapshot.files().iter();
    files.map(|file| file.name.text.as_str()).collect()
}

fn samples(served: &Exposition) -> BTreeMap<&Series, (MetricType, f64)> {
    let families = served.families.iter();
    let samples = families.flat_map(|family| family.samples.iter().map(|sample| (family.kind, sample)));
    samples
        .map(|(kind, sample)| (&sample.series, (kind, sample.value)))
        .collect()
}

impl Bracket {
    /// A difference counts as decided only where no file went away in between.
    fn put(&mut self, place: Place, difference: Difference) {
        if place == Place::Outside && !self.files_removed {
            self.outside.push(difference);
        } else {
            self.undecided.push(difference);
        }
    }

    fn count_inside(&mut self, low: Option<&Admissible>, high: &Admissible) {
        self.inside += 1;
        let width = high.representative() - low.map_or(0.0, Admissible::representative);
        if width == 0.0 || width.is_nan() {
            self.exact += 1;
        } else {
            self.width = self.width.max(width.abs());
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Inside,
    Outside,
    Undecided,
}

type Account<'a> = BTreeMap<&'a Series, (MetricType, &'a Admissible)>;

fn place(
    series: &Series,
    kind: MetricType,
    low: Option<&Admissible>,
    got: Option<f64>,
    high: &Admissible,
    upper: &Account<'_>,
    lower: &Account<'_>,
) -> Place {
    let Some(got) = got else {
        // keys(T0) ⊆ keys(S); a series that appeared in between may be in the scrape or not.
        return if low.is_some() {
            Place::Outside
        } else {
            Place::Inside
        };
    };
    if high.admits(got) || low.is_some_and(|low| low.admits(got)) {
        return Place::Inside;
    }
    // The end of this range is admitted above.
    let inside = (reach(low).0..reach(Some(high)).1).contains(&got);
    match kind {
        MetricType::Gauge => Place::Undecided,
        _ if inside => Place::Inside,
        _ if count_moved(series, upper, lower) => Place::Undecided,
        _ => Place::Outside,
    }
}

/// Whether the series is a `_sum`, and anything was observed in between, which is the only way it moves.
fn count_moved(series: &Series, upper: &Account<'_>, lower: &Account<'_>) -> bool {
    let Some(family) = series.sample.strip_suffix("_sum") else {
        return false;
    };
    let count = Series::new(format!("{family}_count"), series.labels.clone());
    let value = |account: &Account<'_>| account.get(&count).map(|(_, value)| value.representative());
    value(upper) != value(lower)
}

/// The smallest and the largest value of a series, none of which is what is served; one that does not exist yet
/// counts as 0.
fn reach(value: Option<&Admissible>) -> (f64, f64) {
    match value {
        None => (0.0, 0.0),
        // What is served does not lie within the error, so it is on the same side of all that do.
        Some(Admissible::Exact(value) | Admissible::Near { value, .. }) => (*value, *value),
        Some(Admissible::OneOf(values)) => (
            values.iter().copied().fold(f64::INFINITY, f64::min),
            values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ),
    }
}

fn series_of(truth: &Truth) -> Account<'_> {
    let outcomes = truth.families.iter().filter_map(|family| family.outcomes.first());
    outcomes
        .flat_map(|outcome| {
            outcome
                .samples
                .iter()
                .map(|(series, value)| (series, (outcome.kind, value)))
        })
        .collect()
}

fn expected(low: Option<&Admissible>, high: &Admissible) -> String {
    let high = admissible_text(high);
    match low.map(admissible_text) {
        None => format!("truth nothing before, {high} after"),
        Some(low) if low == high => format!("truth {high}"),
        Some(low) => format!("truth {low} before, {high} after"),
    }
}
