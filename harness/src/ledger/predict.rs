//! From tasks to series: what the acknowledged ops and the exporter's own hooks must come to.

use std::time::Instant;

use super::bounds::{Bounds, Prediction};
use super::gauges::Gauges;
use super::{Entry, INHERITED, Ledger, State};
use crate::exporter::{Hook, Outcome};
use crate::exposition::go_float;
use crate::scenario::{GaugeMode, MetricKind, MetricSpec, Scenario};
use crate::series::{Labels, Series};
use crate::task::{Change, Op, Task};

impl Ledger {
    /// The bounds of every series, if the files are read now. `hooks` are the exporter's own series.
    pub fn predict(&self, scenario: &Scenario, hooks: &[Hook]) -> Prediction {
        self.predict_at(Instant::now(), scenario, hooks)
    }

    /// The same, if the files are read at `now`, which is when a task that was dispatched has taken longest.
    pub fn predict_at(&self, now: Instant, scenario: &Scenario, hooks: &[Hook]) -> Prediction {
        let mut prediction = Prediction::default();
        let mut gauges = Gauges::default();
        let counting = self.counting();
        let is_idle = counting.iter().all(|entry| entry.acknowledged.is_none());
        for metric in &scenario.metrics {
            prediction.families.insert(metric.name.get_ref().clone());
            if metric.mode == Some(GaugeMode::Liveall) {
                prediction.of_each_living.insert(metric.name.get_ref().clone());
            }
            constructed(&mut prediction, metric, is_idle);
        }
        for hook in hooks {
            prediction.families.insert(hook.metric().to_owned());
            constructed_by_itself(&mut prediction, hook);
        }
        if self.inherited > 0 {
            prediction.families.insert(INHERITED.to_owned());
            let inherited = Series::new(format!("{INHERITED}_total"), Labels::default());
            prediction.add(inherited, Bounds::exactly(f64::from(self.inherited)));
        }
        for entry in counting {
            for change in entry.task.executed().filter_map(Op::change) {
                if let Some(metric) = scenario.metric(&change.metric) {
                    changed(&mut prediction, metric, change, entry);
                }
            }
            gauges.record(scenario, entry, self.is_of_a_namesake(entry));
            for hook in hooks {
                self.hooked(&mut prediction, hook, entry, now);
            }
        }
        gauges.merge_into(&mut prediction, scenario, &(&self.killed | &self.departed));
        prediction
    }

    /// The tasks that count, in the order of their acknowledgements: those of earlier runs of the fleet do not.
    fn counting(&self) -> Vec<&Entry> {
        let counts = |entry: &&Entry| entry.acknowledged.is_none_or(|place| place >= self.earlier);
        let mut entries: Vec<&Entry> = self.entries.iter().filter(counts).collect();
        entries.sort_by_key(|entry| entry.acknowledged.unwrap_or(u64::MAX));
        entries
    }

    /// One task's share of the exporter's own series. A hook of a process that was killed may not have run
    /// although its task was acknowledged, unless the fleet had come to rest in between.
    fn hooked(&self, prediction: &mut Prediction, hook: &Hook, entry: &Entry, now: Instant) {
        let certain = match entry.state {
            State::Open | State::Elsewhere => return,
            State::Acknowledged { outcome, .. } if !hook.runs_on(outcome) => return,
            State::Acknowledged { .. } => entry.settled || !self.is_of_the_killed(entry),
            State::Indeterminate => false,
        };
        let times = if certain {
            Bounds::exactly(1.0)
        } else {
            Bounds::between(0.0, 1.0).or_missing()
        };
        match hook {
            Hook::Counter { metric, labels, .. } => {
                let labels = expand(labels, &entry.task);
                prediction.add(Series::new(format!("{metric}_total"), labels), times);
            }
            Hook::Histogram {
                metric,
                labels,
                rounded_to,
                buckets,
                ..
            } => {
                let labels = expand(labels, &entry.task);
                let elapsed = elapsed_s(entry, *rounded_to, now);
                observed(prediction, metric, &labels, buckets, elapsed, times);
            }
        }
    }
}

fn expand(labels: &std::collections::BTreeMap<String, String>, task: &Task) -> Labels {
    Labels::new(
        labels
            .iter()
            .map(|(name, value)| (name.clone(), value.replace("{task}", &task.name))),
    )
}

/// How long a task took by the exporter's clock: not less than it slept, not more than the harness waited,
/// each moved by at most half a rounding step (and by the clock's own step, a millisecond).
fn elapsed_s(entry: &Entry, rounded_to: f64, now: Instant) -> Bounds {
    let slack = rounded_to / 2.0 + 0.001;
    let lo = (entry.task.sleeps_s() - slack).max(0.0);
    Bounds::between(lo, now.duration_since(entry.dispatched).as_secs_f64() + slack)
}

/// The 0 that a metric without labels writes when it is constructed (F7). It may be missing only as long as
/// no worker has shown that it came so far.
fn constructed(prediction: &mut Prediction, metric: &MetricSpec, optional: bool) {
    if !metric.labels.is_empty() {
        return;
    }
    let name = metric.name.get_ref();
    let zero = Bounds {
        lo: 0.0,
        hi: 0.0,
        optional,
    };
    let plain = |suffix: &str| Series::new(format!("{name}{suffix}"), Labels::default());
    match metric.kind {
        MetricKind::Counter => prediction.add(plain("_total"), zero),
        MetricKind::Gauge if metric.mode.map(GaugeMode::base) == Some(GaugeMode::Sum) => {
            prediction.add(plain(""), zero);
        }
        // In the other modes a gauge without labels either shows nothing (M7) or is refused in a scenario.
        MetricKind::Gauge => {}
        MetricKind::Histogram => without_observations(prediction, name, &metric.buckets, zero),
        MetricKind::Summary => {
            prediction.add(plain("_count"), zero);
            prediction.add(plain("_sum"), zero);
        }
    }
}

/// The same of a metric of the exporter's own, which may construct it when it first has something to say.
fn constructed_by_itself(prediction: &mut Prediction, hook: &Hook) {
    let zero = Bounds::exactly(0.0).or_missing();
    match hook {
        Hook::Counter { metric, labels, .. } if labels.is_empty() => {
            prediction.add(Series::new(format!("{metric}_total"), Labels::default()), zero);
        }
        Hook::Histogram {
            metric,
            labels,
            buckets,
            ..
        } if labels.is_empty() => without_observations(prediction, metric, buckets, zero),
        Hook::Counter { .. } | Hook::Histogram { .. } => {}
    }
}

/// A histogram without labels that nothing was observed in.
fn without_observations(prediction: &mut Prediction, name: &str, buckets: &[f64], zero: Bounds) {
    for bound in buckets.iter().copied().chain([f64::INFINITY]) {
        let labels = Labels::default().with("le", &go_float(bound));
        prediction.add(Series::new(format!("{name}_bucket"), labels), zero);
    }
    for suffix in ["_sum", "_count"] {
        prediction.add(Series::new(format!("{name}{suffix}"), Labels::default()), zero);
    }
}

/// One op's share of a counter, histogram or summary. Gauges depend on order and process: see [`Gauges`].
fn changed(prediction: &mut Prediction, metric: &MetricSpec, change: &Change, entry: &Entry) {
    let value = change.value.0;
    let labels = change.label_set();
    let name = metric.name.get_ref();
    let executed = match entry.state {
        State::Acknowledged {
            outcome: Outcome::Ok | Outcome::Failed,
            ..
        } => true,
        State::Acknowledged {
            outcome: Outcome::Refused,
            ..
        }
        | State::Elsewhere => return,
        State::Open | State::Indeterminate => false,
    };
    let times = if executed {
        Bounds::exactly(1.0)
    } else {
        Bounds::between(0.0, 1.0).or_missing()
    };
    match metric.kind {
        MetricKind::Counter => {
            let share = scaled(times, Bounds::exactly(value));
            prediction.add(Series::new(format!("{name}_total"), labels), share);
        }
        MetricKind::Gauge => {}
        MetricKind::Histogram => {
            observed(
                prediction,
                name,
                &labels,
                &metric.buckets,
                Bounds::exactly(value),
                times,
            );
        }
        MetricKind::Summary => {
            prediction.add(Series::new(format!("{name}_count"), labels.clone()), times);
            prediction.add(
                Series::new(format!("{name}_sum"), labels),
                scaled(times, Bounds::exactly(value)),
            );
        }
    }
}

/// One observation, of a value within bounds, that happened `times` (0 to 1, or exactly 1). Each bucket
/// counts it when its bound is not below the value: surely, possibly, or surely not. The last one's number is the
/// count (M9), which leaves out NaN: no bound is above it.
fn observed(
    prediction: &mut Prediction,
    name: &str,
    labels: &Labels,
    buckets: &[f64],
    value: Bounds,
    times: Bounds,
) {
    let up_to = |bound: f64| Bounds {
        lo: if value.hi <= bound { times.lo } else { 0.0 },
        hi: if value.lo <= bound { times.hi } else { 0.0 },
        optional: times.optional,
    };
    for bound in buckets.iter().copied().chain([f64::INFINITY]) {
        let series = Series::new(format!("{name}_bucket"), labels.with("le", &go_float(bound)));
        prediction.add(series, up_to(bound));
    }
    let series = |suffix: &str| Series::new(format!("{name}{suffix}"), labels.clone());
    prediction.add(series("_sum"), scaled(times, value));
    prediction.add(series("_count"), up_to(f64::INFINITY));
}

/// The bounds of `value` taken `times` (0 to 1, or exactly 1) times.
fn scaled(times: Bounds, value: Bounds) -> Bounds {
    if times.lo >= 1.0 {
        return value;
    }
    Bounds {
        optional: times.optional,
        ..value.hull(Bounds::exactly(0.0))
    }
}
