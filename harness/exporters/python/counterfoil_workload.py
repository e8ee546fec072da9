"""What a Python worker program does by counterfoil's adapter protocol, version 1 (../PROTOCOL.md): it constructs the program's
metrics with prometheus_client, executes the ops of tasks, and acknowledges them.

Import it when the client may be imported: it chooses files or memory once, by the environment of that moment (F12, T1).
"""

import asyncio
import json
import math
import os
import time
from pathlib import Path

from prometheus_client import Counter, Gauge, Histogram, Summary

# Op: the types of metric it is for, and the client's method.
ON_METRIC = {
    "inc": ({"counter"}, "inc"),
    "add": ({"gauge"}, "inc"),
    "set": ({"gauge"}, "set"),
    "observe": ({"histogram", "summary"}, "observe"),
}
NOT_IN_JSON = {"NaN": math.nan, "+Inf": math.inf, "-Inf": -math.inf}


class TaskFailed(Exception):
    """A `fail` op was reached."""


class TaskRefused(Exception):
    """The task holds an op that this worker does not know or cannot read; nothing of it was executed."""


class Workload:
    """The program document's metrics and tasks, in one worker process."""

    def __init__(self):
        program = json.loads(Path(os.environ["COUNTERFOIL_PROGRAM"]).read_text(encoding="utf-8"))
        if program.get("protocol") != 1:
            raise SystemExit(f"program of protocol {program.get('protocol')!r}, this worker speaks 1")
        self.tasks = program["tasks"]
        self._declarations = {declared["name"]: declared for declared in program["metrics"]}
        self._metrics = {name: construct(declared) for name, declared in self._declarations.items()}
        # Should this process fork later, the child shares the open file: O_APPEND keeps its lines whole, os.getpid() its name.
        self._acks = os.open(
            os.environ["COUNTERFOIL_ACKS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644
        )

    def run(self, task):
        """Executes a task document and acknowledges it; raises what it came to, unless that is `ok`."""
        with self._acknowledged(task) as steps:
            for execute in steps:
                if (pause := execute()) is not None:
                    # Sleeps, bounded by the task: the wait is the op.
                    time.sleep(pause)

    async def run_async(self, task):
        """The same, where several tasks share a thread."""
        with self._acknowledged(task) as steps:
            for execute in steps:
                if (pause := execute()) is not None:
                    # Sleeps, bounded by the task: the wait is the op.
                    await asyncio.sleep(pause)

    def _acknowledged(self, task):
        return _Acknowledged(self, task)

    def _acknowledge(self, task, outcome, **more):
        """One line, one write: lines of several processes do not mix."""
        line = json.dumps({"task": task["id"], "pid": os.getpid(), "outcome": outcome, **more}) + "\n"
        if os.write(self._acks, line.encode()) != len(line):
            raise OSError(f"the acknowledgement of {task['id']} was cut short")

    def _step(self, op):
        """What executes the op, and returns the seconds to wait then. Touches no metric yet: a refused task leaves no series."""
        match op:
            case {"op": "sleep", "ms": int() | float() as ms, **rest} if not rest and ms >= 0:
                return lambda: ms / 1000
            case {"op": "fail", **rest} if not rest:
                return fail
            case {"op": "exit", "code": int(code), **rest} if not rest and 0 <= code <= 255:
                return lambda: os._exit(code)
            case {"op": str(kind), "metric": str(name), "labels": dict(labels), "value": value, **rest} if (
                not rest and kind in ON_METRIC
            ):
                types, method = ON_METRIC[kind]
                declared = self._declarations.get(name)
                if declared is None or declared["type"] not in types:
                    raise TaskRefused(f"no {' or '.join(sorted(types))} of that name: {op}")
                if set(labels) != set(declared["labels"]) or not all(isinstance(text, str) for text in labels.values()):
                    raise TaskRefused(f"the labels should be {declared['labels']}, each a string: {op}")
                amount = number(value, op)
                if kind == "inc" and not amount >= 0:
                    raise TaskRefused(f"a counter cannot go down: {op}")
                return lambda: record(self._metrics[name], labels, method, amount)
        raise TaskRefused(f"unknown or malformed op: {op}")


class _Acknowledged:
    """A task's steps, and its acknowledgement after the last of them or where it ends early."""

    def __init__(self, workload, task):
        self._workload, self._task = workload, task
        self._stored = False

    def __enter__(self):
        try:
            return self._each([(op, self._workload._step(op)) for op in self._task["ops"]])
        except TaskRefused as why:
            self._workload._acknowledge(self._task, "refused", reason=str(why))
            raise

    def _each(self, steps):
        for op, execute in steps:
            yield execute
            # Whoever asks for the next has executed this one.
            self._stored = self._stored or op["op"] in ON_METRIC

    def __exit__(self, kind, why, _):
        if kind is None:
            self._workload._acknowledge(self._task, "ok")
        elif issubclass(kind, TaskFailed):
            self._workload._acknowledge(self._task, "failed")
        elif issubclass(kind, OSError) and not self._stored:
            # No file for the series: the directory is read-only, say. Of a task that is stored in part nothing can be said.
            self._workload._acknowledge(self._task, "refused", reason=str(why))
            raise TaskRefused(str(why)) from why


def construct(declared):
    """The client's metric of a declaration."""
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


def number(value, op):
    """The float that a JSON number, or one of the three strings, stands for."""
    if isinstance(value, str) and value in NOT_IN_JSON:
        return NOT_IN_JSON[value]
    if type(value) in (int, float):
        return float(value)
    raise TaskRefused(f"not a number: {value!r} in {op}")


def record(metric, labels, method, amount):
    """Executes an op on a metric."""
    series = metric.labels(**labels) if labels else metric
    getattr(series, method)(amount)


def fail():
    """Executes a `fail` op."""
    raise TaskFailed("a fail op was reached")
