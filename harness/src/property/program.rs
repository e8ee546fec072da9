//! Programs: whole scenarios out of a seed, of what an exporter is capable of.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use toml::Spanned;

use super::plan::{capability, completed, made};
use super::steps::steps;
use super::values;
use crate::scenario::{
    Capability, FleetSpec, GaugeMode, Level, Limits, MetricKind, MetricSpec, OpSpec, Scenario, ScenarioError,
    TaskSpec,
};
use crate::scrape::Format;

/// The programs of a seed, from 1. Each is drawn by itself, so that the fifth is the same however many there are.
#[derive(Clone, Debug)]
pub struct Programs {
    seed: u64,
    capabilities: Vec<Capability>,
}

impl Programs {
    /// The programs that an exporter with these capabilities can be asked to play; `None`: it has no metrics, so there
    /// are none.
    pub fn new(seed: u64, capabilities: &[Capability]) -> Option<Self> {
        let any = KINDS.iter().any(|kind| capabilities.contains(&capability(*kind)));
        any.then(|| Self {
            seed,
            capabilities: capabilities.to_vec(),
        })
    }

    /// The program of that number.
    ///
    /// # Errors
    /// It breaks a rule of the format, which is the suite's own fault.
    pub fn nth(&self, number: u32) -> Result<Scenario, Box<ScenarioError>> {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.seed.to_le_bytes());
        bytes[8..12].copy_from_slice(&number.to_le_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), random);
        let mut draft = draft(&self.capabilities)
            .new_tree(&mut runner)
            .expect("nothing is filtered, so nothing is refused")
            .current();
        draft.id = format!("property/{}-{number}", self.seed);
        draft.why = format!(
            "Made up: program {number} of `counterfoil run --property`, seed {}.",
            self.seed
        );
        let program = completed(draft, &self.capabilities)?;
        Ok(
            program
                .expect("it is made of what the exporter is capable of, in an order that a fleet can play"),
        )
    }
}

const KINDS: [MetricKind; 4] = [
    MetricKind::Counter,
    MetricKind::Gauge,
    MetricKind::Histogram,
    MetricKind::Summary,
];

const MODES: [GaugeMode; 10] = [
    GaugeMode::All,
    GaugeMode::Liveall,
    GaugeMode::Min,
    GaugeMode::Livemin,
    GaugeMode::Max,
    GaugeMode::Livemax,
    GaugeMode::Sum,
    GaugeMode::Livesum,
    GaugeMode::Mostrecent,
    GaugeMode::Livemostrecent,
];

/// Metrics by their place: no name is another's with a suffix, nor one that an exporter has of its own.
const METRICS: [&str; 4] = ["first", "second", "third", "fourth"];
const LABELS: [&str; 3] = ["queue", "path", "zone"];
const TASKS: [&str; 5] = ["mail", "report", "resize", "sync", "purge"];

pub(super) fn task_name(at: usize) -> String {
    TASKS[at % TASKS.len()].to_owned()
}

/// A program without what follows from its parts.
fn draft(capabilities: &[Capability]) -> impl Strategy<Value = Scenario> + use<> {
    let capabilities = capabilities.to_vec();
    let open_metrics = if capabilities.contains(&Capability::Openmetrics) {
        0.25
    } else {
        0.0
    };
    let metrics = vec(metric(&capabilities), 1..=METRICS.len());
    let texts = vec(values::text(), 1..=4);
    let head = (1_u32..=4, proptest::bool::weighted(open_metrics), metrics, texts);
    head.prop_flat_map(move |(workers, open_metrics, mut metrics, texts)| {
        for (at, metric) in metrics.iter_mut().enumerate() {
            metric.name = made(METRICS[at].to_owned());
        }
        let fails = capabilities.contains(&Capability::FailingTasks);
        let tasks = vec(task(&metrics, &texts, open_metrics, fails), 1..=TASKS.len());
        let capabilities = capabilities.clone();
        let steps = tasks.prop_flat_map(move |mut tasks| {
            for (at, task) in tasks.iter_mut().enumerate() {
                task.name = task_name(at);
            }
            let steps = steps(tasks.len(), workers, &capabilities);
            (Just(tasks), steps)
        });
        let format = if open_metrics {
            Format::OpenMetrics
        } else {
            Format::Text
        };
        steps.prop_map(move |(tasks, steps)| scenario(workers, format, metrics.clone(), tasks, steps))
    })
}

fn scenario(
    workers: u32,
    format: Format,
    metrics: Vec<MetricSpec>,
    tasks: Vec<TaskSpec>,
    steps: Vec<Spanned<crate::scenario::Step>>,
) -> Scenario {
    Scenario {
        id: String::new(),
        text: String::new(),
        title: "What the files hold is what was asked, and what is served is what they hold".to_owned(),
        level: Level::Must,
        since: env!("CARGO_PKG_VERSION").to_owned(),
        why: String::new(),
        rules: Vec::new(),
        sources: Vec::new(),
        apart: false,
        canary: None,
        needs: Vec::new(),
        format,
        names: Vec::new(),
        prometheus: false,
        fleet: FleetSpec {
            workers: made(workers),
            neighbour: false,
            pods: 1,
        },
        metrics,
        tasks,
        steps,
        limits: Limits::default(),
    }
}

/// A metric of a type that there is. A gauge's mode is one that does not depend on idle processes (F7), and a `live*`
/// one only where the dead are marked, since any program may kill.
fn metric(capabilities: &[Capability]) -> impl Strategy<Value = MetricSpec> + use<> {
    let kinds: Vec<MetricKind> = KINDS
        .into_iter()
        .filter(|kind| capabilities.contains(&capability(*kind)))
        .collect();
    let marks_dead = capabilities.contains(&Capability::MarksDead);
    let most_recent = capabilities.contains(&Capability::MostRecent);
    let modes: Vec<GaugeMode> = MODES
        .into_iter()
        .filter(|mode| marks_dead || !mode.is_live())
        .filter(|mode| most_recent || mode.base() != GaugeMode::Mostrecent)
        .collect();
    let labels = subsequence(LABELS.to_vec(), 0..=LABELS.len());
    let parts = (
        select(kinds),
        select(modes),
        labels,
        values::text(),
        values::buckets(),
    );
    parts.prop_map(|(kind, mode, mut labels, help, buckets)| {
        let is_gauge = kind == MetricKind::Gauge;
        let apart = matches!(mode.base(), GaugeMode::All | GaugeMode::Min | GaugeMode::Max);
        if is_gauge && apart && labels.is_empty() {
            labels.push(LABELS[0]);
        }
        MetricSpec {
            name: made(String::new()),
            kind,
            help,
            help_of_successor: None,
            labels: labels.into_iter().map(str::to_owned).collect(),
            mode: is_gauge.then_some(mode),
            buckets: if kind == MetricKind::Histogram {
                buckets
            } else {
                Vec::new()
            },
        }
    })
}

/// One to five changes, a pause that lets other processes take a task, and in one of ten a failure behind the first.
fn task(
    metrics: &[MetricSpec],
    texts: &[String],
    open_metrics: bool,
    fails: bool,
) -> impl Strategy<Value = TaskSpec> + use<> {
    let changes: Vec<_> = metrics
        .iter()
        .map(|metric| change(metric, texts, open_metrics).boxed())
        .collect();
    let changes = vec(proptest::strategy::Union::new(changes), 1..=5);
    let sleep = proptest::option::weighted(0.8, 1_u64..=5);
    let fail = proptest::bool::weighted(if fails { 0.1 } else { 0.0 });
    let parts = (changes, sleep, fail, any::<prop::sample::Index>());
    parts.prop_map(|(mut ops, sleep, fail, at)| {
        ops.extend(sleep.map(|ms| OpSpec::Sleep { ms }));
        if fail {
            ops.insert(1 + at.index(ops.len()), OpSpec::Fail {});
        }
        TaskSpec {
            name: String::new(),
            ops: ops.into_iter().map(made).collect(),
        }
    })
}

/// An op on that metric, with label values out of a few, so that several ops meet in one series.
fn change(
    metric: &MetricSpec,
    texts: &[String],
    open_metrics: bool,
) -> impl Strategy<Value = OpSpec> + use<> {
    let (name, names, kind) = (metric.name.get_ref().clone(), metric.labels.clone(), metric.kind);
    let base = metric.mode.map(GaugeMode::base);
    let values = vec(select(texts.to_vec()), names.len());
    let repeat = prop_oneof![6 => Just(1_u32), 1 => 2_u32..=4];
    let (numbered, adds) = (proptest::bool::weighted(0.1), base != Some(GaugeMode::Mostrecent));
    let value = match (kind, base) {
        (MetricKind::Counter, _) => values::amount().boxed(),
        // OpenMetrics has no sum of values that may be negative.
        (MetricKind::Histogram | MetricKind::Summary, _) if open_metrics => values::amount().boxed(),
        (MetricKind::Histogram | MetricKind::Summary, _) => values::signed().boxed(),
        (MetricKind::Gauge, Some(GaugeMode::Mostrecent)) => values::any_level().boxed(),
        (MetricKind::Gauge, Some(GaugeMode::Sum)) => values::signed().boxed(),
        (MetricKind::Gauge, _) => values::level().boxed(),
    };
    let parts = (values, repeat, numbered, value, any::<bool>(), values::signed());
    parts.prop_map(move |(mut values, repeat, numbered, value, add, by)| {
        if let Some(value) = values.first_mut().filter(|_| numbered) {
            value.push_str("{i}");
        }
        let (metric, labels) = (
            name.clone(),
            names.iter().cloned().zip(values).collect::<BTreeMap<_, _>>(),
        );
        match kind {
            MetricKind::Counter => OpSpec::Inc {
                metric,
                labels,
                value,
                repeat,
            },
            MetricKind::Gauge if add && adds => OpSpec::Add {
                metric,
                labels,
                value: by,
                repeat,
            },
            MetricKind::Gauge => OpSpec::Set {
                metric,
                labels,
                value,
                repeat,
            },
            MetricKind::Histogram | MetricKind::Summary => OpSpec::Observe {
                metric,
                labels,
                value,
                repeat,
            },
        }
    })
}
