//! Which checks apply at a place of a plan: those that have something to look at there.

use crate::check::Check;
use crate::scenario::{GaugeMode, MetricKind, MetricSpec, OpSpec, Scenario, Step, TaskSpec};

/// The checks that apply at the step at `at`, in the order in which one explains the next.
pub(super) fn applicable(plan: &Scenario, at: usize) -> Vec<Check> {
    let before = &plan.steps[..at];
    if before.iter().any(|step| matches!(step.get_ref(), Step::Stop(_))) {
        return vec![Check::NoOrphans, Check::TruthReadable];
    }
    let mut checks = vec![
        Check::ScrapeAvailable,
        Check::ScrapeLatency,
        Check::ExpositionValid,
        Check::TruthReadable,
        Check::ScrapeEqualsTruth,
        Check::TruthEqualsLedger,
    ];
    let dispatched: Vec<&TaskSpec> = plan
        .tasks
        .iter()
        .filter(|task| before.iter().any(|step| asks_for(step.get_ref(), &task.name)))
        .collect();
    let shown = |metric: &&MetricSpec| shows(metric, &dispatched);
    if plan.metrics.iter().any(|metric| shown(&metric)) {
        checks.push(Check::ScrapeBracketed);
    }
    let cumulative = |metric: &&MetricSpec| metric.kind != MetricKind::Gauge;
    if plan
        .metrics
        .iter()
        .filter(cumulative)
        .any(|metric| shown(&metric))
    {
        checks.push(Check::ScrapeMonotonic);
    }
    let live = |metric: &&MetricSpec| metric.mode.is_some_and(GaugeMode::is_live);
    if plan.metrics.iter().filter(live).any(|metric| shown(&metric)) {
        checks.push(Check::LivePids);
    }
    checks
}

fn asks_for(step: &Step, task: &str) -> bool {
    matches!(step, Step::Dispatch(dispatch) if dispatch.tasks.get(task).is_some_and(|count| *count.get_ref() > 0))
}

/// Whether a metric has series once these tasks were executed: one without labels is there from its construction (F7),
/// but for the gauges that show nothing until they are set (M7).
fn shows(metric: &MetricSpec, dispatched: &[&TaskSpec]) -> bool {
    let from_the_start =
        metric.labels.is_empty() && metric.mode.is_none_or(|mode| mode.base() == GaugeMode::Sum);
    from_the_start
        || dispatched
            .iter()
            .flat_map(|task| executed(task))
            .any(|op| touches(op, metric.name.get_ref()))
}

/// The ops before the first that ends the task.
fn executed(task: &TaskSpec) -> impl Iterator<Item = &OpSpec> {
    let ops = task.ops.iter().map(toml::Spanned::get_ref);
    ops.take_while(|op| !matches!(op, OpSpec::Fail {} | OpSpec::Exit { .. }))
}

/// Whether an op changes that metric.
pub(super) fn touches(op: &OpSpec, name: &str) -> bool {
    match op {
        OpSpec::Inc { metric, repeat, .. }
        | OpSpec::Add { metric, repeat, .. }
        | OpSpec::Set { metric, repeat, .. }
        | OpSpec::Observe { metric, repeat, .. } => metric == name && *repeat > 0,
        OpSpec::Sleep { .. } | OpSpec::Fail {} | OpSpec::Exit { .. } | OpSpec::Unknown {} => false,
    }
}
