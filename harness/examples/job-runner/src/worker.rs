//! The worker program of the adapter: what a task asks for is done by the exporter's own metrics.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Write;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use counterfoil_reference::record::{Counter, Description, Family, Registry};
use serde::Deserialize;
use serde_json::json;

use crate::variable;

/// What every worker constructs. Scenarios that need other types than counters are not applicable (manifest.toml).
#[derive(Deserialize)]
struct Program {
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
struct Metric {
    name: String,
    help: String,
    labels: Vec<String>,
}

#[derive(Deserialize)]
struct Task {
    id: String,
    ops: Vec<serde_json::Value>,
}

/// The ops that this worker knows; any other is refused, never skipped.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
enum Op {
    Inc {
        metric: String,
        labels: BTreeMap<String, String>,
        value: f64,
    },
    Sleep {
        ms: u64,
    },
}

type Counters = HashMap<String, Family<Counter>>;

/// Takes tasks until SIGTERM.
pub(crate) fn work() -> anyhow::Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&stop))?;
    let counters = construct()?;
    let mut acks = File::options().append(true).open(variable("COUNTERFOIL_ACKS")?)?;
    let mut broker = redis::Client::open(variable("BROKER_URL")?)?.get_connection()?;
    let queue = variable("QUEUE")?;
    while !stop.load(Ordering::Relaxed) {
        let popped: Option<(String, String)> = redis::cmd("BRPOP").arg(&queue).arg(0.1).query(&mut broker)?;
        let Some((_, task)) = popped else { continue };
        let task: Task = serde_json::from_str(&task).context("a task document")?;
        let (outcome, reason) = match execute(&task, &counters) {
            Ok(()) => ("ok", None),
            Err(reason) => ("refused", Some(reason)),
        };
        let mut line = json!({ "task": task.id, "pid": process::id(), "outcome": outcome });
        if let Some(reason) = reason {
            line["reason"] = reason.into();
        }
        // One write of one line, so that those of several processes do not mix.
        acks.write_all(format!("{line}\n").as_bytes())?;
    }
    Ok(())
}

fn construct() -> anyhow::Result<Counters> {
    let program = variable("COUNTERFOIL_PROGRAM")?;
    let program: Program = serde_json::from_slice(&std::fs::read(program)?)?;
    let registry = Registry::new(variable("METRICS_DIR")?, process::id());
    let counter = |metric: Metric| {
        let description = Description::new(&metric.name, &metric.help).with_labels(metric.labels);
        Ok((metric.name, registry.counter(description)?))
    };
    program.metrics.into_iter().map(counter).collect()
}

/// Every op is understood before the first is executed: a refused task leaves nothing behind.
fn execute(task: &Task, counters: &Counters) -> Result<(), String> {
    let ops = task
        .ops
        .iter()
        .map(|op| Op::deserialize(op).map_err(|error| format!("{op}: {error}")));
    for op in ops.collect::<Result<Vec<_>, _>>()? {
        match op {
            Op::Inc {
                metric,
                labels,
                value,
            } => {
                let family = counters
                    .get(&metric)
                    .ok_or_else(|| format!("there is no counter {metric:?}"))?;
                let values: Vec<&str> = family
                    .description()
                    .labels
                    .iter()
                    .filter_map(|name| labels.get(name))
                    .map(String::as_str)
                    .collect();
                let counter = family.labels(&values).map_err(|error| error.to_string())?;
                counter.inc(value);
            }
            // Sleeps, bounded by the task: the wait is the op.
            Op::Sleep { ms } => std::thread::sleep(Duration::from_millis(ms)),
        }
    }
    Ok(())
}
