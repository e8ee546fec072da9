//! What a sidecar tells about itself: `counterfoil_*`, apart from what it serves for others.

use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::exposition::{Extra, Family, Format, Label, Sample, SampleName};
use crate::file_name::{Kind, Mode};
use crate::float::float_text;
use crate::merge::Merge;

/// The bounds of the histogram of durations, in seconds.
const BOUNDS_S: [f64; 9] = [0.001, 0.005, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0, f64::INFINITY];
const GAUGE: Kind = Kind::Gauge(Mode::All);

/// What a scrape came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Served,
    Failed,
    /// A limit was reached: of files, of bytes, or of names in the query.
    Limited,
}

/// Counted as it happens, by whoever does it.
#[derive(Debug)]
pub(crate) struct OwnMetrics {
    started: SystemTime,
    scrapes: [AtomicU64; 3],
    durations: [AtomicU64; BOUNDS_S.len()],
    duration_us: AtomicU64,
    files: AtomicU64,
    files_skipped: AtomicU64,
    files_read: AtomicU64,
    held_bytes: AtomicU64,
    pub(crate) connections: AtomicU64,
    pub(crate) connections_rejected: AtomicU64,
    pub(crate) connections_cut: AtomicU64,
}

impl Default for OwnMetrics {
    fn default() -> Self {
        Self {
            started: SystemTime::now(),
            scrapes: Default::default(),
            durations: Default::default(),
            duration_us: AtomicU64::default(),
            files: AtomicU64::default(),
            files_skipped: AtomicU64::default(),
            files_read: AtomicU64::default(),
            held_bytes: AtomicU64::default(),
            connections: AtomicU64::default(),
            connections_rejected: AtomicU64::default(),
            connections_cut: AtomicU64::default(),
        }
    }
}

impl OwnMetrics {
    pub(crate) fn note_scrape(&self, outcome: Outcome, took: Duration) {
        self.scrapes[outcome as usize].fetch_add(1, Ordering::Relaxed);
        let within = BOUNDS_S.iter().position(|bound| took.as_secs_f64() <= *bound);
        let bucket = within.unwrap_or(BOUNDS_S.len() - 1);
        self.durations[bucket].fetch_add(1, Ordering::Relaxed);
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.duration_us.fetch_add(took, Ordering::Relaxed);
    }

    pub(crate) fn note_files(&self, merge: &Merge) {
        let note = |figure: &AtomicU64, now: usize| figure.store(now as u64, Ordering::Relaxed);
        note(&self.files, merge.files_held());
        note(&self.files_skipped, merge.skipped().len());
        note(&self.held_bytes, merge.held_bytes());
        self.files_read.store(merge.files_read(), Ordering::Relaxed);
    }

    /// The exposition of all.
    pub(crate) fn write(&self, format: Format) -> String {
        let started = self.started.duration_since(SystemTime::UNIX_EPOCH);
        let started_s = started.unwrap_or_default().as_secs_f64();
        let one = |figure: &AtomicU64| figure.load(Ordering::Relaxed) as f64;
        let mut families = vec![
            family("counterfoil_build_info", "What serves.", GAUGE).with(
                "counterfoil_build_info",
                &[("version", env!("CARGO_PKG_VERSION"))],
                1.0,
            ),
            alone(
                "counterfoil_start_time_seconds",
                "When it started, in UNIX time.",
                started_s,
            ),
            self.scrapes(),
            self.durations(),
            alone(
                "counterfoil_files",
                "Metric files that are held.",
                one(&self.files),
            ),
            alone(
                "counterfoil_files_skipped",
                "Files that are left out, for what they hold or are called.",
                one(&self.files_skipped),
            ),
            alone(
                "counterfoil_held_bytes",
                "Memory for files and texts, estimated from above.",
                one(&self.held_bytes),
            ),
            alone(
                "counterfoil_connections",
                "Connections that are open.",
                one(&self.connections),
            ),
        ];
        families.extend(self.totals());
        format.write(&families, None)
    }

    fn totals(&self) -> [Family<'static>; 3] {
        let totals = [
            (
                "counterfoil_files_read",
                "counterfoil_files_read_total",
                "Files that were read as a whole; of others only the values are.",
                &self.files_read,
            ),
            (
                "counterfoil_connections_rejected",
                "counterfoil_connections_rejected_total",
                "Connections beyond the limit.",
                &self.connections_rejected,
            ),
            (
                "counterfoil_connections_cut",
                "counterfoil_connections_cut_total",
                "Connections that ended otherwise than they should: no HTTP, or too slow.",
                &self.connections_cut,
            ),
        ];
        totals.map(|(name, total, help, figure)| {
            family(name, help, Kind::Counter).with(total, &[], figure.load(Ordering::Relaxed) as f64)
        })
    }

    fn scrapes(&self) -> Family<'static> {
        let name = "counterfoil_scrapes";
        let help = "Scrapes by outcome; limit: of files, of bytes, or of names in the query.";
        let outcomes = ["served", "failed", "limit"].iter().zip(&self.scrapes);
        outcomes.fold(family(name, help, Kind::Counter), |family, (outcome, count)| {
            let count = count.load(Ordering::Relaxed) as f64;
            family.with("counterfoil_scrapes_total", &[("outcome", outcome)], count)
        })
    }

    fn durations(&self) -> Family<'static> {
        let name = "counterfoil_scrape_duration_seconds";
        let mut family = family(name, "From a request to its body.", Kind::Histogram);
        let mut accumulated = 0.0;
        for (bound, count) in BOUNDS_S.iter().zip(&self.durations) {
            accumulated += count.load(Ordering::Relaxed) as f64;
            family.samples.push(Sample {
                extra: Some(Extra::Le(float_text(*bound))),
                ..sample(name, "_bucket", accumulated)
            });
        }
        let sum_s = self.duration_us.load(Ordering::Relaxed) as f64 / 1e6;
        family.samples.push(sample(name, "_sum", sum_s));
        family.samples.push(sample(name, "_count", accumulated));
        family
    }
}

impl<'a> Family<'a> {
    fn with(mut self, name: &'a str, labels: &[Label<'a>], value: f64) -> Self {
        self.samples.push(Sample {
            labels: Rc::from(labels),
            ..sample(name, "", value)
        });
        self
    }
}

fn family<'a>(name: &'a str, help: &'a str, kind: Kind) -> Family<'a> {
    let samples = Vec::new();
    Family {
        name,
        help,
        kind,
        samples,
    }
}

/// A gauge without labels.
fn alone<'a>(name: &'a str, help: &'a str, value: f64) -> Family<'a> {
    family(name, help, GAUGE).with(name, &[], value)
}

fn sample<'a>(stem: &'a str, suffix: &'static str, value: f64) -> Sample<'a> {
    Sample {
        name: SampleName { stem, suffix },
        labels: Rc::from([]),
        extra: None,
        value,
    }
}
