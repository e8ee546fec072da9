//! Recording: the reference, the crates that record, and the least that it could take.

use std::hint::black_box;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::ValueEnum;
use counterfoil_reference::record::{Description, Registry, Writers};
use prometheus::HistogramOpts;

use super::repeat;

/// The Python client's default buckets, without +Inf.
const BOUNDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
const LABELS: [&str; 3] = ["queue", "task", "status"];
/// Sixteen label sets that are looked up in turn, and sixteen values that fall in all buckets.
const SETS: usize = 16;
const QUEUES: [&str; SETS] = [
    "mail", "report", "sync", "index", "audit", "billing", "export", "import", "search", "resize", "notify",
    "cleanup", "webhook", "backup", "digest", "archive",
];
const VALUES: [f64; SETS] = [
    0.001, 4.0, 0.02, 11.0, 0.04, 0.06, 0.6, 0.09, 0.3, 0.8, 2.0, 0.2, 6.0, 9.0, 0.007, 1.5,
];

/// Repeats one operation.
#[derive(Debug, clap::Args)]
pub(crate) struct Record {
    what: What,
    recorder: Recorder,
}

/// The operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// Adds to a counter that is at hand.
    Inc,
    /// Looks a counter up by three labels, and adds.
    Labels,
    /// Observes into a histogram of 15 buckets that is at hand.
    Observe,
}

/// Who records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Recorder {
    /// The reference, for any number of threads.
    ManyWriters,
    /// The reference, for one thread.
    OneWriter,
    Prometheus,
    PrometheusClient,
    Fastmetrics,
    /// An addition in memory that nobody else writes.
    Limit,
    /// The same, kept from others by compare-and-swap.
    LimitCas,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Set {
    queue: &'static str,
    task: &'static str,
    status: &'static str,
}

fn set(at: usize) -> Set {
    Set {
        queue: QUEUES[at % SETS],
        task: "send_invoice",
        status: "ok",
    }
}

fn values(at: usize) -> [&'static str; 3] {
    [QUEUES[at % SETS], "send_invoice", "ok"]
}

impl Record {
    pub(super) fn serve(&self) -> anyhow::Result<()> {
        match self.recorder {
            Recorder::ManyWriters => self.reference(Registry::new),
            Recorder::OneWriter => self.reference(Registry::of_one_thread),
            Recorder::Prometheus => self.prometheus(),
            Recorder::PrometheusClient => self.prometheus_client(),
            Recorder::Fastmetrics => self.fastmetrics(),
            Recorder::Limit => {
                let word = AtomicU64::new(0);
                repeat(|_| {
                    let sum = f64::from_bits(word.load(Ordering::Relaxed)) + black_box(1.0);
                    word.store(sum.to_bits(), Ordering::Relaxed);
                })
            }
            Recorder::LimitCas => {
                let word = AtomicU64::new(0);
                repeat(|_| {
                    let add = |bits| Some((f64::from_bits(bits) + black_box(1.0)).to_bits());
                    let _ = black_box(word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add));
                })
            }
        }
    }

    fn reference<W: Writers>(&self, registry: fn(PathBuf, u32) -> Registry<W>) -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let registry = registry(dir.path().to_owned(), std::process::id());
        let counters = registry.counter(Description::new("jobs", "Jobs.").with_labels(LABELS))?;
        let histograms =
            registry.histogram(Description::new("wait", "Wait.").with_labels(LABELS), &BOUNDS)?;
        let (counter, histogram) = (
            counters.labels(&values(0))?.clone(),
            histograms.labels(&values(0))?.clone(),
        );
        match self.what {
            What::Inc => repeat(|_| counter.inc(black_box(1.0))),
            What::Labels => repeat(|at| {
                let child = counters.labels(black_box(&values(at)));
                child.expect("it is there").inc(1.0);
            }),
            What::Observe => repeat(|at| histogram.observe(black_box(VALUES[at % SETS]))),
        }
    }

    fn prometheus(&self) -> anyhow::Result<()> {
        let counters = prometheus::CounterVec::new(prometheus::Opts::new("jobs", "Jobs."), &LABELS)?;
        let options = HistogramOpts::new("wait", "Wait.").buckets(BOUNDS.to_vec());
        let histograms = prometheus::HistogramVec::new(options, &LABELS)?;
        let (counter, histogram) = (
            counters.with_label_values(&values(0)),
            histograms.with_label_values(&values(0)),
        );
        match self.what {
            What::Inc => repeat(|_| counter.inc_by(black_box(1.0))),
            What::Labels => repeat(|at| counters.with_label_values(black_box(&values(at))).inc_by(1.0)),
            What::Observe => repeat(|at| histogram.observe(black_box(VALUES[at % SETS]))),
        }
    }

    fn prometheus_client(&self) -> anyhow::Result<()> {
        use prometheus_client::metrics::counter::Counter;
        use prometheus_client::metrics::family::Family;
        use prometheus_client::metrics::histogram::Histogram;

        let counters = Family::<Set, Counter<f64, AtomicU64>>::default();
        let counter = counters.get_or_create_owned(&set(0));
        let histogram = Histogram::new(BOUNDS);
        match self.what {
            What::Inc => repeat(|_| {
                black_box(counter.inc_by(black_box(1.0)));
            }),
            What::Labels => repeat(|at| {
                counters.get_or_create(black_box(&set(at))).inc_by(1.0);
            }),
            What::Observe => repeat(|at| histogram.observe(black_box(VALUES[at % SETS]))),
        }
    }

    fn fastmetrics(&self) -> anyhow::Result<()> {
        use fastmetrics::metrics::counter::Counter;
        use fastmetrics::metrics::family::Family;
        use fastmetrics::metrics::histogram::Histogram;

        let counters = Family::<Set, Counter<f64>>::default();
        let counter = Counter::<f64>::default();
        let histogram = Histogram::new(BOUNDS);
        match self.what {
            What::Inc => repeat(|_| {
                counter.inc_by(black_box(1.0));
            }),
            What::Labels => repeat(|at| {
                counters.with_or_new(black_box(&set(at)), |counter| {
                    counter.inc_by(1.0);
                });
            }),
            What::Observe => repeat(|at| histogram.observe(black_box(VALUES[at % SETS]))),
        }
    }
}
