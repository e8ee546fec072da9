//! What of a plan follows from the rest: the capabilities it needs, the tasks it may lose, the checks that apply.

use std::collections::BTreeSet;

use toml::Spanned;

use super::checks::applicable;
use super::course::Course;
use crate::scenario::{
    self, Capability, Fault, GaugeMode, MetricKind, OpSpec, Scenario, ScenarioError, Step, Target,
};
use crate::scrape::Format;

/// How many tasks a plan may lose that kills processes at work: an exporter may have popped very many. What is lost
/// widens the bounds, which is what they are for.
const LOST_AT_MOST: u32 = 100_000;

/// A value of a declaration that nobody wrote, so that it has no place.
pub(super) fn made<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

/// The plan with everything that follows from its parts, as it would be read from its file; `None` where its steps may
/// not come in their order, or where an exporter with these capabilities cannot play it.
///
/// # Errors
/// It breaks a rule of the format.
pub(super) fn completed(
    mut plan: Scenario,
    capabilities: &[Capability],
) -> Result<Option<Scenario>, Box<ScenarioError>> {
    let Some(course) = Course::of(&plan) else {
        return Ok(None);
    };
    plan.needs = needs(&plan, course).into_iter().collect();
    if plan.needs.iter().any(|need| !capabilities.contains(need)) {
        return Ok(None);
    }
    plan.limits.indeterminate_tasks = if course.is_reckless() { LOST_AT_MOST } else { 0 };
    for at in 0..plan.steps.len() {
        if matches!(plan.steps[at].get_ref(), Step::Check(_)) {
            let checks = applicable(&plan, at);
            plan.steps[at] = made(Step::Check(
                checks.iter().map(|check| made(check.id().to_owned())).collect(),
            ));
        }
    }
    let text = plan.to_toml().expect("its numbers are small");
    scenario::parse(&plan.id, &text).map(Some)
}

/// What an exporter must be capable of to play it.
fn needs(plan: &Scenario, course: Course) -> BTreeSet<Capability> {
    let mut needs: BTreeSet<Capability> = plan
        .metrics
        .iter()
        .map(|metric| capability(metric.kind))
        .collect();
    if modes(plan).any(|mode| mode.base() == GaugeMode::Mostrecent) {
        needs.insert(Capability::MostRecent);
    }
    let mut ops = plan.tasks.iter().flat_map(|task| &task.ops);
    if ops.any(|op| matches!(op.get_ref(), OpSpec::Fail {})) {
        needs.insert(Capability::FailingTasks);
    }
    let faults = plan.steps.iter().filter_map(|step| match step.get_ref() {
        Step::Fault(Fault::Signal { to, .. }) => Some(*to),
        _ => None,
    });
    let any_live = modes(plan).any(GaugeMode::is_live);
    for target in faults {
        needs.insert(Capability::RestartsWorkers);
        if target == Target::PortOwner {
            needs.insert(Capability::EndpointRecovers);
        }
        if any_live {
            needs.insert(Capability::MarksDead);
        }
    }
    if course.is_early() {
        needs.insert(Capability::EndpointFromStart);
    }
    if plan.format == Format::OpenMetrics {
        needs.insert(Capability::Openmetrics);
    }
    needs
}

fn modes(plan: &Scenario) -> impl Iterator<Item = GaugeMode> {
    plan.metrics.iter().filter_map(|metric| metric.mode)
}

/// The capability to have metrics of that type.
pub(super) fn capability(kind: MetricKind) -> Capability {
    match kind {
        MetricKind::Counter => Capability::Counter,
        MetricKind::Gauge => Capability::Gauge,
        MetricKind::Histogram => Capability::Histogram,
        MetricKind::Summary => Capability::Summary,
    }
}
