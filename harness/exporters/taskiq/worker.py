"""The taskiq side of counterfoil's adapter protocol, version 1 (../PROTOCOL.md): `taskiq worker worker:broker`."""

import asyncio
import json
import logging
import math
import os
from pathlib import Path

from taskiq import PrometheusMiddleware
from taskiq_redis import ListQueueBroker

# A lost race for the port is logged at debug level only; this brings it into the run's log.
logging.getLogger("taskiq.prometheus").setLevel(logging.DEBUG)

middleware = PrometheusMiddleware(
    metrics_path=Path(os.environ["METRICS_DIR"]),
    server_port=int(os.environ["METRICS_PORT"]),
    server_addr="127.0.0.1",
)
# taskiq-redis waits for a task without end, so two things hang on how long redis-py waits for an answer (5 s by default
# since its release 8): an idle worker dies of a TimeoutError after that long and is restarted, and a worker that is asked
# to end does so only then. That is the queue's trouble, not the middleware's: twenty seconds outlast what a scenario idles.
broker = ListQueueBroker(
    os.environ["BROKER_URL"], queue_name=os.environ["QUEUE"], socket_timeout=20
).with_middlewares(middleware)

# F12, T1: the client chooses files or memory once, when it is imported, by the variable that the middleware has set.
from prometheus_client import Counter, Gauge, Histogram, Summary  # noqa: E402

program = json.loads(Path(os.environ["COUNTERFOIL_PROGRAM"]).read_text(encoding="utf-8"))
if program.get("protocol") != 1:
    raise SystemExit(f"program of protocol {program.get('protocol')!r}, this worker speaks 1")

# Should this process fork later, the child shares the open file: O_APPEND keeps its lines whole, os.getpid() its name.
acks = os.open(os.environ["COUNTERFOIL_ACKS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)


class TaskFailed(Exception):
    """A `fail` op was reached."""


class TaskRefused(Exception):
    """The task holds an op that this worker does not know or cannot read; nothing of it was executed."""


def construct(declared):
    name, text, labels = declared["name"], declared["help"], declared["labels"]
    match declared["type"]:
        case "counter":
            return Counter(name, text, labels)
        case "gauge":
            return Gauge(name, text, labels, multiprocess_mode=declared["mode"])
        case "histogram":
            return Histogram(name, text, labels, buckets=declared["buckets"])
        case "summary":
            return Summary(name, text, labels)
        case unknown:
            raise SystemExit(f"metric {name!r} is of the unknown type {unknown!r}")


declarations = {declared["name"]: declared for declared in program["metrics"]}
metrics = {name: construct(declared) for name, declared in declarations.items()}

# Op: the types of metric it is for, and the client's method.
ON_METRIC = {
    "inc": ({"counter"}, "inc"),
    "add": ({"gauge"}, "inc"),
    "set": ({"gauge"}, "set"),
    "observe": ({"histogram", "summary"}, "observe"),
}
NOT_IN_JSON = {"NaN": math.nan, "+Inf": math.inf, "-Inf": -math.inf}


def number(value, op):
    """The float that a JSON number, or one of the three strings, stands for."""
    if isinstance(value, str) and value in NOT_IN_JSON:
        return NOT_IN_JSON[value]
    if type(value) in (int, float):
        return float(value)
    raise TaskRefused(f"not a number: {value!r} in {op}")


def step(op):
    """What executes the op. Touches no metric yet: a refused task must leave no series behind."""
    match op:
        case {"op": "sleep", "ms": int() | float() as ms, **rest} if not rest and ms >= 0:
            # Sleeps, bounded by the task: the wait is the op.
            return lambda: asyncio.sleep(ms / 1000)
        case {"op": "fail", **rest} if not rest:
            return fail
        case {"op": "exit", "code": int(code), **rest} if not rest and 0 <= code <= 255:
            return lambda: os._exit(code)
        case {"op": str(kind), "metric": str(name), "labels": dict(labels), "value": value, **rest} if (
            not rest and kind in ON_METRIC
        ):
            types, method = ON_METRIC[kind]
            declared = declarations.get(name)
            if declared is None or declared["type"] not in types:
                raise TaskRefused(f"no {' or '.join(sorted(types))} of that name: {op}")
            if set(labels) != set(declared["labels"]) or not all(isinstance(text, str) for text in labels.values()):
                raise TaskRefused(f"the labels should be {declared['labels']}, each a string: {op}")
            amount = number(value, op)
            if kind == "inc" and not amount >= 0:
                raise TaskRefused(f"a counter cannot go down: {op}")
            return lambda: record(metrics[name], labels, method, amount)
    raise TaskRefused(f"unknown or malformed op: {op}")


def record(metric, labels, method, amount):
    series = metric.labels(**labels) if labels else metric
    getattr(series, method)(amount)


def fail():
    raise TaskFailed("a fail op was reached")


def acknowledge(task, outcome, **more):
    """One line, one write: lines of several processes do not mix."""
    line = json.dumps({"task": task["id"], "pid": os.getpid(), "outcome": outcome, **more}) + "\n"
    if os.write(acks, line.encode()) != len(line):
        raise OSError(f"the acknowledgement of {task['id']} was cut short")


async def run(task):
    try:
        steps = [step(op) for op in task["ops"]]
    except TaskRefused as why:
        acknowledge(task, "refused", reason=str(why))
        raise
    try:
        for execute in steps:
            if (pause := execute()) is not None:
                await pause
    except TaskFailed:
        acknowledge(task, "failed")
        raise
    acknowledge(task, "ok")


for name in program["tasks"]:
    broker.register_task(run, task_name=name)
