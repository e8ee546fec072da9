//! Tasks onto the broker and off it.

use std::time::Instant;

use anyhow::Context;
use counterfoil::broker::List;
use counterfoil::exporter::ListFormat;
use counterfoil::task::{Amount, Change, Op, Task};

use crate::contender::{Contender, Failure, Here};
use crate::fleet::{self, Exporter};
use crate::redis::Redis;
use crate::rounds::Rounds;
use crate::site::Site;
use crate::table::Limit::AtLeast;
use crate::table::{Row, Scale, Section, Times};

const ROUNDS: usize = 9;
const TASKS: usize = 200_000;
/// Fewer, for one command each.
const CONSUMED: usize = 20_000;
const WORKERS: usize = 2;

const ENQUEUE: &str = "counterfoil, enqueue in batches";
const LPUSH: &str = "redis-benchmark LPUSH -P 64";
const CONSUME: &str = "two reference workers";
const BRPOP: &str = "redis-benchmark BRPOP -c 2";

/// Enqueueing against LPUSH, consuming against BRPOP; elements are as long as a task.
pub(crate) fn section(site: &Site, rounds: Option<usize>) -> anyhow::Result<Section> {
    let rounds = rounds.unwrap_or(ROUNDS);
    let redis = Redis::start()?;
    let tasks: Vec<Task> = (0..TASKS).map(task).collect();
    let length = serde_json::to_string(&tasks[0])?.len().to_string();
    let count = TASKS.to_string();
    let push = Here::new(ENQUEUE, || enqueue(&redis, "bench:enqueue", &tasks));
    let lpush = Here::new(LPUSH, || {
        let time = redis.benchmark(&["-t", "lpush", "-P", "64", "-n", &count, "-d", &length]);
        redis.command(&["DEL", "mylist"])?;
        time
    });
    let enqueued = Rounds::of(vec![push, lpush as Box<dyn Contender>], rounds);

    let reference = Exporter::reference(site)?;
    let fleet = fleet::Fleet::start(&reference, &redis, WORKERS, "bench:consume")?;
    fleet.wait_until_served()?;
    let tasks = &tasks[..CONSUMED];
    let count = CONSUMED.to_string();
    let consume = Here::new(CONSUME, || {
        enqueue(&redis, "bench:staged", tasks)?;
        let acknowledged = fleet.acknowledgements()?.len();
        let began = Instant::now();
        // The workers wait on this name: all tasks are there at once.
        redis.command(&["RENAME", "bench:staged", "bench:consume"])?;
        fleet.wait_for(|acknowledgements| acknowledgements.len() >= acknowledged + CONSUMED)?;
        Ok(began.elapsed().as_nanos() as f64 / CONSUMED as f64)
    });
    let brpop = Here::new(BRPOP, || {
        enqueue(&redis, "bench:staged", tasks)?;
        redis.benchmark(&["-c", "2", "-n", &count, "brpop", "bench:staged", "0"])
    });
    let consumed = Rounds::of(vec![consume, brpop as Box<dyn Contender>], rounds);
    let times = vec![
        Times {
            what: format!("enqueue {TASKS} tasks of {length} bytes"),
            rounds: enqueued,
            scale: Scale::Rate,
        },
        Times {
            what: format!("consume {CONSUMED} tasks, each recorded and acknowledged"),
            rounds: consumed,
            scale: Scale::Rate,
        },
    ];
    Ok(Section {
        title: "Broker".to_owned(),
        rows: rows(&times[0].rounds, &times[1].rounds),
        times,
    })
}

fn rows(enqueued: &Rounds, consumed: &Rounds) -> Vec<Row> {
    vec![
        Row::ratio(
            "enqueue, tasks a second against LPUSH -P 64".to_owned(),
            enqueued,
            LPUSH,
            ENQUEUE,
            (AtLeast(1.3), AtLeast(2.0)),
        ),
        Row::ratio(
            "two workers consuming, tasks a second against BRPOP -c 2".to_owned(),
            consumed,
            BRPOP,
            CONSUME,
            (AtLeast(0.7), AtLeast(0.9)),
        ),
    ]
}

/// A task that increments one counter.
pub(crate) fn task(number: usize) -> Task {
    Task {
        id: format!("bench-{number:06}"),
        name: "mail".to_owned(),
        ops: vec![Op::Inc(Change {
            metric: "jobs".to_owned(),
            labels: [("queue".to_owned(), "mail".to_owned())].into(),
            value: Amount(1.0),
        })],
    }
}

/// Nanoseconds a task. A list of another turn is deleted first.
fn enqueue(redis: &Redis, list: &str, tasks: &[Task]) -> Result<f64, Failure> {
    redis.command(&["DEL", list])?;
    let pushed = push(&redis.url(), list, ListFormat::PlainList, tasks);
    pushed.map_err(|error| Failure::Broken(format!("{error:#}")))
}

/// Pushes tasks as the harness does; nanoseconds a task.
pub(crate) fn push(url: &str, list: &str, format: ListFormat, tasks: &[Task]) -> anyhow::Result<f64> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut queue = List::connect(url, list, format).await.context("the broker")?;
        let began = Instant::now();
        queue.push(tasks).await.context("the broker")?;
        Ok(began.elapsed().as_nanos() as f64 / tasks.len() as f64)
    })
}
