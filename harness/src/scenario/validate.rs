//! What a scenario must fulfil beyond its shape: names that exist, ops that fit their metric, steps that prove something.

mod faults;
mod pods;
mod size;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Capability, GaugeMode, MetricKind, MetricSpec, OpSpec, Scenario, TaskSpec};
use crate::spelling::suggestion;

/// The first thing that is wrong: where, what, and what to do about it.
pub(super) struct Flaw {
    pub(super) at: Range<usize>,
    pub(super) message: String,
    pub(super) remedy: Option<String>,
}

fn flaw(at: Range<usize>, message: impl Into<String>, remedy: impl Into<String>) -> Flaw {
    Flaw {
        at,
        message: message.into(),
        remedy: Some(remedy.into()),
    }
}

pub(super) fn validate(scenario: &Scenario) -> Result<(), Flaw> {
    if *scenario.fleet.workers.get_ref() == 0 {
        return Err(flaw(
            scenario.fleet.workers.span(),
            "a fleet without workers",
            "declare at least one worker",
        ));
    }
    pods::pods(scenario)?;
    metrics(scenario)?;
    for task in &scenario.tasks {
        bounded(task)?;
        for op in &task.ops {
            op_fits(scenario, op.get_ref()).map_err(|(message, remedy)| flaw(op.span(), message, remedy))?;
        }
    }
    steps::steps(scenario)
}

/// The most that a task may come to, every `repeat` written out: it travels in one message.
const MOST_OPS: u64 = 100_000;
/// The longest that it may sleep in all: longer than any deadline.
const LONGEST_SLEEP_MS: u64 = 60 * 60 * 1000;

fn bounded(task: &TaskSpec) -> Result<(), Flaw> {
    let (mut ops, mut ms) = (0, 0_u64);
    for op in &task.ops {
        let (times, asleep_ms) = cost(op.get_ref());
        ops += times;
        ms = ms.saturating_add(asleep_ms);
        if ops > MOST_OPS {
            let message = format!("task {:?} comes to more than {MOST_OPS} ops", task.name);
            return Err(flaw(
                op.span(),
                message,
                "repeat less, and dispatch the task more often",
            ));
        }
        if ms > LONGEST_SLEEP_MS {
            let message = format!("task {:?} sleeps for more than an hour", task.name);
            return Err(flaw(
                op.span(),
                message,
                "sleep for less: `ms` is in milliseconds",
            ));
        }
    }
    Ok(())
}

/// How many ops an op stands for, and for how many milliseconds it sleeps.
fn cost(op: &OpSpec) -> (u64, u64) {
    match op {
        OpSpec::Inc { repeat, .. }
        | OpSpec::Add { repeat, .. }
        | OpSpec::Set { repeat, .. }
        | OpSpec::Observe { repeat, .. } => (u64::from(*repeat), 0),
        OpSpec::Sleep { ms } => (1, *ms),
        OpSpec::Fail {} | OpSpec::Exit { .. } | OpSpec::Unknown {} => (1, 0),
    }
}

fn metrics(scenario: &Scenario) -> Result<(), Flaw> {
    let mut seen = BTreeSet::new();
    for metric in &scenario.metrics {
        let at = metric.name.span();
        if !seen.insert(metric.name.get_ref()) {
            return Err(flaw(
                at,
                format!("metric {:?} is declared twice", metric.name.get_ref()),
                "rename or remove one",
            ));
        }
        if metric.kind == MetricKind::Gauge && metric.mode.is_none() {
            let remedy =
                "add `mode`: all, min, max, sum or mostrecent, or one of these with `live` before it";
            return Err(flaw(at, "a gauge needs a mode", remedy));
        }
        let is_most_recent = metric
            .mode
            .is_some_and(|mode| mode.base() == GaugeMode::Mostrecent);
        if is_most_recent && !scenario.needs.contains(&Capability::MostRecent) {
            return Err(flaw(
                at,
                "not every exporter has gauges of the most recent value",
                "add \"most-recent\" to `needs`",
            ));
        }
        if metric.kind != MetricKind::Gauge && metric.mode.is_some() {
            return Err(flaw(at, "only a gauge has a mode", "remove `mode`"));
        }
        if metric.kind != MetricKind::Histogram && !metric.buckets.is_empty() {
            return Err(flaw(at, "only a histogram has buckets", "remove `buckets`"));
        }
        if metric.kind == MetricKind::Histogram && metric.buckets.is_empty() {
            return Err(flaw(
                at,
                "a histogram without buckets",
                "add `buckets`, ascending, without +Inf",
            ));
        }
        if !metric.buckets.is_sorted_by(|a, b| a < b) {
            return Err(flaw(at, "buckets are not in ascending order", "sort them"));
        }
        if metric.labels.is_empty() && idle_processes_show(metric) {
            return Err(flaw(
                at,
                "the value of a gauge without labels in this mode depends on processes that did nothing (F7)",
                "give it a label, or the mode sum or mostrecent",
            ));
        }
    }
    Ok(())
}

/// Whether the 0 that an idle process writes at construction changes what is served.
fn idle_processes_show(metric: &MetricSpec) -> bool {
    matches!(
        metric.mode.map(GaugeMode::base),
        Some(GaugeMode::All | GaugeMode::Min | GaugeMode::Max)
    )
}

fn op_fits(scenario: &Scenario, op: &OpSpec) -> Result<(), (String, String)> {
    let Some((verb, metric, labels, value)) = on_a_metric(op) else {
        return Ok(());
    };
    let Some(spec) = scenario.metric(metric) else {
        return Err((
            format!("metric {metric:?} is not declared"),
            declared(
                metric,
                scenario
                    .metrics
                    .iter()
                    .map(|metric| metric.name.get_ref().as_str()),
                "metrics",
            ),
        ));
    };
    let (kind, fitting): (&str, &[&str]) = match spec.kind {
        MetricKind::Counter => ("counter", &["inc"]),
        MetricKind::Gauge => ("gauge", &["set", "add"]),
        MetricKind::Histogram => ("histogram", &["observe"]),
        MetricKind::Summary => ("summary", &["observe"]),
    };
    if !fitting.contains(&verb) {
        return Err((
            format!("`{verb}` does not fit {metric:?}, which is a {kind}"),
            format!("a {kind} takes {}", fitting.join(" or ")),
        ));
    }
    if verb == "inc" && (value.is_nan() || value < 0.0) {
        return Err((
            "a counter only goes up".to_owned(),
            "use a value of 0 or more".to_owned(),
        ));
    }
    if verb == "add" && spec.mode.map(GaugeMode::base) == Some(GaugeMode::Mostrecent) {
        return Err((
            "a mostrecent gauge can only be set (F8)".to_owned(),
            "use op = \"set\"".to_owned(),
        ));
    }
    label_names(spec, labels)
}

/// Verb, metric, labels and value of an op on a metric.
fn on_a_metric(op: &OpSpec) -> Option<(&'static str, &str, &BTreeMap<String, String>, f64)> {
    match op {
        OpSpec::Inc {
            metric,
            labels,
            value,
            ..
        } => Some(("inc", metric, labels, *value)),
        OpSpec::Add {
            metric,
            labels,
            value,
            ..
        } => Some(("add", metric, labels, *value)),
        OpSpec::Set {
            metric,
            labels,
            value,
            ..
        } => Some(("set", metric, labels, *value)),
        OpSpec::Observe {
            metric,
            labels,
            value,
            ..
        } => Some(("observe", metric, labels, *value)),
        OpSpec::Sleep { .. } | OpSpec::Fail {} | OpSpec::Exit { .. } | OpSpec::Unknown {} => None,
    }
}

fn label_names(spec: &MetricSpec, labels: &BTreeMap<String, String>) -> Result<(), (String, String)> {
    let declared: BTreeSet<&str> = spec.labels.iter().map(String::as_str).collect();
    let given: BTreeSet<&str> = labels.keys().map(String::as_str).collect();
    if declared == given {
        return Ok(());
    }
    let labels: Vec<String> = declared.iter().map(|name| format!("{name} = \"…\"")).collect();
    Err((
        format!("labels {given:?} do not match the declared {declared:?}"),
        format!(
            "give each declared label a value, and no other: labels = {{ {} }}",
            labels.join(", ")
        ),
    ))
}

/// What to do about a name that is not declared in the array of tables of that name.
fn declared<'a>(name: &str, known: impl Iterator<Item = &'a str>, table: &str) -> String {
    let known: Vec<&str> = known.collect();
    let suggestion = suggestion(name, &known, "declared are");
    format!("{suggestion}; a further one needs a [[{table}]] of its own")
}
