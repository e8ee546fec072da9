//! How large a plan is: what a reader has to take in.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::scenario::Scenario;

/// The parts of a plan, counted as they are declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Size {
    /// Worker processes.
    pub workers: usize,
    /// Metrics.
    pub metrics: usize,
    /// Kinds of task.
    pub tasks: usize,
    /// Ops of all tasks, each once however often it is repeated.
    pub ops: usize,
    /// Steps, the closing ones among them.
    pub steps: usize,
}

impl Size {
    /// The size of a plan.
    pub fn of(plan: &Scenario) -> Self {
        Self {
            workers: usize::try_from(*plan.fleet.workers.get_ref()).unwrap_or(usize::MAX),
            metrics: plan.metrics.len(),
            tasks: plan.tasks.len(),
            ops: plan.tasks.iter().map(|task| task.ops.len()).sum(),
            steps: plan.steps.len(),
        }
    }
}

/// ```
/// use counterfoil::property::Size;
///
/// let size = Size { workers: 2, metrics: 1, tasks: 1, ops: 1, steps: 3 };
/// assert_eq!(size.to_string(), "2 workers, 1 metric, 1 task, 1 op, 3 steps");
/// ```
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            workers,
            metrics,
            tasks,
            ops,
            steps,
        } = *self;
        let counted = [
            (workers, "worker"),
            (metrics, "metric"),
            (tasks, "task"),
            (ops, "op"),
            (steps, "step"),
        ];
        for (at, (count, what)) in counted.into_iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            let plural = if count == 1 { "" } else { "s" };
            write!(f, "{comma}{count} {what}{plural}")?;
        }
        Ok(())
    }
}
