//! Ways to make a plan smaller, the most that may go first. A reduction need not be a plan: the search asks.

use std::collections::BTreeSet;
use std::ops::Range;

use super::checks::touches;
use super::plan::made;
use crate::scenario::{Dispatch, MetricKind, OpSpec, Scenario, Step};
use crate::scrape::Format;

/// Plans that are smaller in one respect.
pub(super) type Reduction = fn(&Scenario) -> Vec<Scenario>;

/// Every kind of reduction: what makes the rest reliable comes first, then what carries most with it.
pub(super) const ALL: [Reduction; 10] = [
    steadier,
    fewer_steps,
    fewer_tasks,
    fewer_metrics,
    fewer_workers,
    fewer_ops,
    smaller_dispatches,
    fewer_labels,
    plainer_labels,
    plainer_values,
];

/// The plan after a change.
fn with(plan: &Scenario, change: impl FnOnce(&mut Scenario)) -> Scenario {
    let mut plan = plan.clone();
    change(&mut plan);
    plan
}

/// Stretches of `length` things, from all of them to each alone; the short ones at every place, since what belongs
/// together (a kill, the wait for the endpoint, that for quiet) lies side by side.
fn stretches(length: usize) -> Vec<Range<usize>> {
    let mut stretches = Vec::new();
    let mut size = length;
    while size > 3 {
        stretches.extend((0..length).step_by(size).map(|at| at..(at + size).min(length)));
        size = size.div_ceil(2).min(size - 1);
    }
    for size in (1..=size).rev() {
        stretches.extend((0..=length - size).map(|at| at..at + size));
    }
    stretches
}

/// Smaller numbers than `number` that are at least `least`, the smallest first.
fn smaller(number: u32, least: u32) -> Vec<u32> {
    let candidates = BTreeSet::from([least, number / 2, number - number / 4, number.saturating_sub(1)]);
    candidates
        .into_iter()
        .filter(|candidate| (least..number).contains(candidate))
        .collect()
}

/// Every process takes part in every dispatch: nothing gets smaller by it, but what fails does not depend any more on who
/// happened to take which task, which it would all the more the fewer tasks are left.
fn steadier(plan: &Scenario) -> Vec<Scenario> {
    let all = *plan.fleet.workers.get_ref();
    if all == 1 {
        return Vec::new();
    }
    let everywhere = with(plan, |plan| {
        dispatches(plan).for_each(|dispatch| dispatch.min_pids = all);
    });
    let mut steadier = vec![everywhere];
    // Behind a kill at work some dispatches can wait for nobody.
    for at in 0..dispatches(&mut plan.clone()).count() {
        steadier.push(with(plan, |plan| {
            if let Some(dispatch) = dispatches(plan).nth(at) {
                dispatch.min_pids = all;
            }
        }));
    }
    steadier
}

fn fewer_steps(plan: &Scenario) -> Vec<Scenario> {
    stretches(plan.steps.len())
        .into_iter()
        .map(|gone| with(plan, |plan| drop(plan.steps.drain(gone))))
        .collect()
}

fn fewer_tasks(plan: &Scenario) -> Vec<Scenario> {
    let without = |gone: Range<usize>| {
        with(plan, |plan| {
            for task in plan.tasks.drain(gone) {
                for step in &mut plan.steps {
                    if let Step::Dispatch(dispatch) = step.as_mut() {
                        dispatch.tasks.remove(&task.name);
                    }
                }
            }
            plan.steps.retain(|step| !asks_for_nothing(step.get_ref()));
        })
    };
    stretches(plan.tasks.len()).into_iter().map(without).collect()
}

fn asks_for_nothing(step: &Step) -> bool {
    matches!(step, Step::Dispatch(dispatch) if dispatch.tasks.is_empty())
}

fn fewer_metrics(plan: &Scenario) -> Vec<Scenario> {
    let without = |gone: Range<usize>| {
        with(plan, |plan| {
            for metric in plan.metrics.drain(gone) {
                for task in &mut plan.tasks {
                    task.ops
                        .retain(|op| !touches(op.get_ref(), metric.name.get_ref()));
                }
            }
        })
    };
    stretches(plan.metrics.len()).into_iter().map(without).collect()
}

fn fewer_workers(plan: &Scenario) -> Vec<Scenario> {
    let of = |workers: u32| {
        with(plan, |plan| {
            *plan.fleet.workers.as_mut() = workers;
            for dispatch in dispatches(plan) {
                dispatch.min_pids = dispatch.min_pids.min(workers);
            }
        })
    };
    smaller(*plan.fleet.workers.get_ref(), 1)
        .into_iter()
        .map(of)
        .collect()
}

fn dispatches(plan: &mut Scenario) -> impl Iterator<Item = &mut Dispatch> {
    plan.steps.iter_mut().filter_map(|step| match step.as_mut() {
        Step::Dispatch(dispatch) => Some(dispatch),
        _ => None,
    })
}

fn fewer_ops(plan: &Scenario) -> Vec<Scenario> {
    let of_task = |(at, task): (usize, &crate::scenario::TaskSpec)| {
        let gone = stretches(task.ops.len()).into_iter();
        gone.map(move |gone| with(plan, |plan| drop(plan.tasks[at].ops.drain(gone))))
    };
    plan.tasks.iter().enumerate().flat_map(of_task).collect()
}

/// Fewer of a task. How many processes must have acknowledged some is left to `fewer_workers`: one of several is chance.
fn smaller_dispatches(plan: &Scenario) -> Vec<Scenario> {
    let mut smaller_plans = Vec::new();
    for (at, step) in plan.steps.iter().enumerate() {
        let Step::Dispatch(dispatch) = step.get_ref() else {
            continue;
        };
        let mut push = |change: &dyn Fn(&mut Dispatch)| {
            smaller_plans.push(with(plan, |plan| {
                if let Step::Dispatch(dispatch) = plan.steps[at].as_mut() {
                    change(dispatch);
                }
            }));
        };
        for (name, count) in &dispatch.tasks {
            push(&|dispatch| {
                dispatch.tasks.remove(name);
            });
            for count in smaller(*count.get_ref(), 1) {
                push(&|dispatch| {
                    dispatch.tasks.insert(name.clone(), made(count));
                });
            }
        }
    }
    smaller_plans
}

fn fewer_labels(plan: &Scenario) -> Vec<Scenario> {
    let mut fewer = Vec::new();
    for (at, metric) in plan.metrics.iter().enumerate() {
        for label in &metric.labels {
            fewer.push(with(plan, |plan| {
                plan.metrics[at].labels.retain(|name| name != label);
                for op in ops(plan).filter(|op| touches(op, metric.name.get_ref())) {
                    if let Some(change) = change(op) {
                        change.labels.remove(label);
                    }
                }
            }));
        }
    }
    fewer
}

/// Every label value that is none of the plainest becomes the plainest that the plan does not use yet, everywhere.
fn plainer_labels(plan: &Scenario) -> Vec<Scenario> {
    let mut scratch = plan.clone();
    let changes = ops(&mut scratch).filter_map(change);
    let values: BTreeSet<String> = changes
        .flat_map(|change| change.labels.values().cloned())
        .collect();
    let Some(plain) = PLAIN.iter().find(|plain| !values.contains(**plain)) else {
        return Vec::new();
    };
    let unusual = values.iter().filter(|value| !PLAIN.contains(&value.as_str()));
    let instead = |value: &String| {
        with(plan, |plan| {
            for change in ops(plan).filter_map(change) {
                for text in change.labels.values_mut().filter(|text| *text == value) {
                    (*plain).clone_into(text);
                }
            }
        })
    };
    unusual.map(instead).collect()
}

const PLAIN: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn plainer_values(plan: &Scenario) -> Vec<Scenario> {
    let mut plainer = Vec::new();
    let mut push = |change: &dyn Fn(&mut Scenario)| plainer.push(with(plan, change));
    push(&|plan| plan.format = Format::Text);
    if *plan.fleet.workers.get_ref() == 1 {
        push(&|plan| dispatches(plan).for_each(|dispatch| dispatch.min_pids = 0));
    }
    push(&|plan| ops(plan).filter_map(change).for_each(|change| *change.repeat = 1));
    push(&|plan| {
        ops(plan)
            .filter_map(change)
            .for_each(|change| *change.value = 1.0)
    });
    push(&|plan| {
        for metric in &mut plan.metrics {
            HELP.clone_into(&mut metric.help);
        }
    });
    for (at, metric) in plan.metrics.iter().enumerate() {
        push(&|plan| HELP.clone_into(&mut plan.metrics[at].help));
        if metric.kind == MetricKind::Histogram && metric.buckets.len() > 1 {
            for bucket in 0..metric.buckets.len() {
                push(&|plan| {
                    plan.metrics[at].buckets.remove(bucket);
                });
            }
        }
    }
    for (at, step) in plan.steps.iter().enumerate() {
        if let Step::Scrape(scrape) = step.get_ref() {
            for count in smaller(scrape.count, 1) {
                push(&|plan| {
                    if let Step::Scrape(scrape) = plan.steps[at].as_mut() {
                        scrape.count = count;
                    }
                });
            }
        }
    }
    let mut scratch = plan.clone();
    for at in 0..ops(&mut scratch).count() {
        push(&|plan| {
            if let Some(change) = ops(plan).nth(at).and_then(change) {
                *change.repeat = 1;
            }
        });
        push(&|plan| {
            if let Some(change) = ops(plan).nth(at).and_then(change) {
                *change.value = 1.0;
            }
        });
    }
    plainer
}

const HELP: &str = "Help.";

fn ops(plan: &mut Scenario) -> impl Iterator<Item = &mut OpSpec> {
    let ops = plan.tasks.iter_mut().flat_map(|task| &mut task.ops);
    ops.map(toml::Spanned::as_mut)
}

/// What of an op on a metric can be made plainer.
struct Change<'a> {
    labels: &'a mut std::collections::BTreeMap<String, String>,
    value: &'a mut f64,
    repeat: &'a mut u32,
}

fn change(op: &mut OpSpec) -> Option<Change<'_>> {
    match op {
        OpSpec::Inc {
            labels,
            value,
            repeat,
            ..
        }
        | OpSpec::Add {
            labels,
            value,
            repeat,
            ..
        }
        | OpSpec::Set {
            labels,
            value,
            repeat,
            ..
        }
        | OpSpec::Observe {
            labels,
            value,
            repeat,
            ..
        } => Some(Change {
            labels,
            value,
            repeat,
        }),
        OpSpec::Sleep { .. } | OpSpec::Fail {} | OpSpec::Exit { .. } | OpSpec::Unknown {} => None,
    }
}
