//! The reference as a writer beside the real client: the same entries, whichever of the two writes them.

use std::collections::HashMap;
use std::path::Path;

use counterfoil::testing::Prerequisite::{Network, Python};
use counterfoil::testing::Prerequisites;
use counterfoil::truth::{Entry, MetricFile, Snapshot};
use counterfoil_reference::file_name::Mode;
use counterfoil_reference::record::{
    Counter, Description, Family as Made, Gauge, Histogram, Registry, Summary,
};
use libtest_mimic::{Failed, Trial};

use crate::program::{Act, Double, Family, Kind, LabelValue, Process, Program, Use};
use crate::property::{self, Counts, Share};
use crate::python::{NEWEST, Release, merged_alike};
use crate::scope::{PIDS, Scope};
use crate::strategy::programs;

pub(crate) fn trials(prerequisites: &Prerequisites) -> Vec<Trial> {
    let name = format!("clients/reference-writes-{}", NEWEST.version);
    vec![prerequisites.trial(&name, &[Python, Network], || writes(NEWEST))]
}

/// Every other process of a program is the reference's, the others are the client's, and all continue each other's
/// files (F10): what results holds the entries that the client alone writes, and the client merges it to the truth.
fn writes(release: Release) -> Result<(), Failed> {
    let mut client = release.start()?;
    let scope = Scope {
        harm: None,
        conflicts: false,
        ids: PIDS,
        ..release.scope()
    };
    let title = format!("the reference beside {}", release.title(" "));
    let counts = property::holds(
        &title,
        "reference-writes",
        Share::Quarter,
        programs(scope),
        |program, dir, counts| {
            let program = suitable(program);
            let (alone, shared) = (dir.join("alone"), dir.join("shared"));
            for dir in [&alone, &shared] {
                std::fs::create_dir(dir).map_err(|error| error.to_string())?;
            }
            client.record(&program, &alone)?;
            for (at, process) in program.processes.iter().enumerate() {
                if at % 2 == 0 {
                    record(process, &shared).map_err(|error| format!("the reference: {error}"))?;
                } else {
                    let processes = vec![process.clone()];
                    client.record(
                        &Program {
                            processes,
                            ..program.clone()
                        },
                        &shared,
                    )?;
                }
            }
            same_entries(&alone, &shared)?;
            merged_alike(&mut client, release, &program, &shared, counts)
        },
    )?;
    enough(&counts)
}

fn enough(counts: &Counts) -> Result<(), Failed> {
    property::must_have_come(counts, &[("texts that are the same", counts.texts)])
}

/// What the reference can be asked for: no forks, no counter that NaN is added to, and in a
/// process one metric of a name.
fn suitable(program: &Program) -> Program {
    let mut program = program.clone();
    for process in &mut program.processes {
        process.forked = false;
        let mut kept: Vec<Use> = Vec::new();
        for one in std::mem::take(&mut process.uses) {
            match kept.iter_mut().find(|have| have.family.name == one.family.name) {
                Some(have) => have.ops.extend(one.ops),
                None => kept.push(one),
            }
        }
        for one in &mut kept {
            let counter = one.family.kind == Kind::Counter;
            // A time of the client's that is none would be one to the reference, which has a clock of its own (F8).
            one.ops.iter_mut().for_each(|op| op.at = Double(1.0));
            one.ops
                .retain(|op| !(counter && matches!(op.act, Act::Inc(value) if value.0.is_nan())));
        }
        process.uses = kept;
    }
    program
}

/// The metrics that a process has made.
enum Metric {
    Counter(Made<Counter>),
    Gauge(Made<Gauge>),
    Histogram(Made<Histogram>),
    Summary(Made<Summary>),
}

type Refusal = Box<dyn std::error::Error>;

fn record(process: &Process, dir: &Path) -> Result<(), Refusal> {
    let registry = Registry::new(dir, process.id.parse()?);
    for one in &process.uses {
        let metric = make(&registry, &one.family)?;
        for op in &one.ops {
            let labels: Vec<&str> = op.labels.iter().map(text).collect();
            act(&metric, &labels, op.act)?;
        }
    }
    Ok(())
}

fn make(registry: &Registry, family: &Family) -> Result<Metric, Refusal> {
    let description = Description::new(family.name.as_str(), family.help.as_str())
        .with_labels(family.labels.iter().copied());
    Ok(match family.kind {
        Kind::Counter => Metric::Counter(registry.counter(description)?),
        Kind::Summary => Metric::Summary(registry.summary(description)?),
        Kind::Gauge => {
            let mode = Mode::ALL.into_iter().find(|mode| mode.name() == family.mode);
            Metric::Gauge(registry.gauge(description, mode.ok_or("no such mode")?)?)
        }
        Kind::Histogram => {
            let bounds: Vec<f64> = family.buckets.iter().map(|bound| bound.0).collect();
            Metric::Histogram(registry.histogram(description, &bounds)?)
        }
    })
}

fn act(metric: &Metric, labels: &[&str], act: Act) -> Result<(), Refusal> {
    match (metric, act) {
        (Metric::Counter(family), Act::Inc(value)) => family.labels(labels)?.inc(value.0),
        (Metric::Counter(family), _) => drop(family.labels(labels)?),
        (Metric::Gauge(family), Act::Inc(value)) => family.labels(labels)?.add(value.0),
        (Metric::Gauge(family), Act::Set(value)) => family.labels(labels)?.set(value.0),
        (Metric::Gauge(family), _) => drop(family.labels(labels)?),
        (Metric::Histogram(family), Act::Observe(value)) => family.labels(labels)?.observe(value.0),
        (Metric::Histogram(family), _) => drop(family.labels(labels)?),
        (Metric::Summary(family), Act::Observe(value)) => family.labels(labels)?.observe(value.0),
        (Metric::Summary(family), _) => drop(family.labels(labels)?),
    }
    Ok(())
}

fn text(value: &LabelValue) -> &str {
    match value {
        LabelValue::Text(text) => text,
        other => panic!("{other:?} is for the Ruby client"),
    }
}

/// The files have the same entries in the same order: keys and their places, values to the bit. The time of a set is
/// each writer's own; that there is one is not (F8).
fn same_entries(alone: &Path, shared: &Path) -> Result<(), String> {
    let read = |dir: &Path| -> Result<HashMap<String, Vec<String>>, String> {
        let snapshot = Snapshot::read(dir).map_err(|error| error.to_string())?;
        Ok(snapshot
            .files()
            .iter()
            .map(|file| (file.name.text.clone(), lines(file)))
            .collect())
    };
    let (expected, got) = (read(alone)?, read(shared)?);
    for (name, lines) in &expected {
        let shared = got
            .get(name)
            .ok_or_else(|| format!("only the client writes {name}"))?;
        if let Some((client, both)) = lines.iter().zip(shared).find(|(client, both)| client != both) {
            return Err(format!(
                "{name}: the client writes {client}, with the reference it is {both}"
            ));
        }
        if lines.len() != shared.len() {
            return Err(format!(
                "{name}: {} entries, with the reference {}",
                lines.len(),
                shared.len()
            ));
        }
    }
    match got.keys().find(|name| !expected.contains_key(*name)) {
        Some(name) => Err(format!("only the reference writes {name}")),
        None => Ok(()),
    }
}

/// The offsets are those of keys that have the same length, blanks and all.
fn lines(file: &MetricFile) -> Vec<String> {
    let bits = |value: f64| {
        if value.is_nan() {
            f64::NAN.to_bits()
        } else {
            value.to_bits()
        }
    };
    let entries = file.entries.iter();
    let line = |entry: &Entry| {
        let (value, timed) = (bits(entry.value), entry.timestamp != 0.0);
        format!(
            "{} at {}: {value:x}, with a time: {timed}, {:?}",
            entry.value, entry.offset, entry.key
        )
    };
    entries.map(line).collect()
}
