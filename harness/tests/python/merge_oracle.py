"""Directories of metric files by the real prometheus_client, and what it serves for them.

    merge_oracle.py ROOT COUNT SEED

For each directory ROOT/N/files, ROOT/N/expected.json lists what the client's merge serves, or how it fails, for
several orders of the files: [{"order": ..., "text": ... or null, "error": ... or null}, ...].
"""

import json
import os
import random
import struct
import sys

os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]

import prometheus_client  # noqa: E402
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary  # noqa: E402
from prometheus_client import metrics, values  # noqa: E402
from prometheus_client.exposition import generate_latest  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

NAN, INF = float("nan"), float("inf")
ORDERS = 6
MODES = sorted(Gauge._MULTIPROC_MODES)
TYPES = ["counter", "gauge", "gauge", "gauge", "histogram", "summary"]
TEXTS = ["", "a", "b", "ä", "ключ", "値", "😀", 'q"uote', "back\\slash", "new\nline", "tab\t", "\r", "\u2028", "\x00"]
HELPS = ["Plain.", "", "With \\ and\nnewline", 'A "quoted" one', "Größe"]
PLAIN = [0.0, 1.0, 2.0, 0.25, 30.0, 1e6, 123456.75]
ODD = [NAN, INF, -INF, -0.0, 0.1, 0.3, 1e16, 1e10, 1e308, 5e-324, -1.0, -1e6, -0.1]
ROUNDING = [0.1, 0.3, 0.7, 1.0, 1e16, 1e15 + 0.3, 123456.789]
BUCKETS = [(0.25, 1.0, 4.0), (1.0, 2.0), (0.005, 1e6, 1e10), (-1.0, 0.0, 1.0), (0.1, 0.3, 123456789.5)]


class Clock:
    """Stands in for the time module: few different times, so that ties are common."""

    def __init__(self, rng):
        self.rng = rng

    def time(self):
        return self.rng.choice([1.0, 2.0, 2.0, 3.5, 1.7e9])


class Served:
    """As much of a registry as generate_latest needs."""

    def __init__(self, families):
        self.families = families

    def collect(self):
        return self.families


def value(rng, odd):
    """`odd` is a share of odd values, or "rounding" for values whose sums depend on the order."""
    if odd == "rounding":
        return rng.choice(ROUNDING)
    return rng.choice(ODD if rng.random() < odd else PLAIN)


def family(rng, number):
    labels = rng.choice([(), ("q",), ("q", "zone"), ("a", "q"), ("pid",), ("pid", "q")])
    return {"name": f"m{number}", "type": rng.choice(TYPES), "mode": rng.choice(MODES), "labels": labels,
            "help": rng.choice(HELPS), "buckets": rng.choice(BUCKETS)}


def of_another_release(rng, spec):
    """The same family as a process of another release declares it."""
    other = family(rng, 0)
    changed = rng.choice([["help"], ["mode"], ["type"], ["buckets"], ["labels"], ["type", "mode", "help"]])
    return spec | {key: other[key] for key in changed}


def operate(rng, spec, odd):
    common = {"labelnames": spec["labels"], "registry": None}
    if spec["type"] == "counter":
        metric = Counter(spec["name"], spec["help"], **common)
        act = lambda child: child.inc(abs(value(rng, odd)))
    elif spec["type"] == "histogram":
        metric = Histogram(spec["name"], spec["help"], buckets=spec["buckets"], **common)
        act = lambda child: child.observe(value(rng, odd))
    elif spec["type"] == "summary":
        metric = Summary(spec["name"], spec["help"], **common)
        act = lambda child: child.observe(value(rng, odd))
    else:
        metric = Gauge(spec["name"], spec["help"], multiprocess_mode=spec["mode"], **common)
        def act(child):
            if "mostrecent" in spec["mode"] or rng.random() < 0.6:
                child.set(value(rng, odd))
            else:
                child.inc(value(rng, odd))
    for _ in range(rng.randint(0, 4)):
        child = metric
        if spec["labels"]:
            child = metric.labels(*(rng.choice(TEXTS) for _ in spec["labels"]))
        if rng.random() < 0.85:
            act(child)


def corrupt(rng, directory):
    """Harm of the kinds that make every read fail, or none (M13)."""
    victim = os.path.join(directory, rng.choice(sorted(os.listdir(directory))))
    harm = rng.choice(["empty", "short", "cut", "used", "negative", "zeros", "utf8", "json", "foreign", "surrogate"])
    extra = os.path.join(directory, "counter_999.db")
    if harm == "empty":
        open(extra, "wb").close()
    elif harm == "short":
        open(extra, "wb").write(b"\x08\x00")
    elif harm == "zeros":
        open(extra, "wb").write(bytes(1 << 16))
    elif harm == "foreign":
        open(os.path.join(directory, "app.db"), "wb").write(b"SQLite format 3\x00" + bytes(4080))
    elif harm == "negative":
        open(extra, "wb").write(struct.pack("ii", -5, 0) + bytes(100))
    elif harm == "cut":
        os.truncate(victim, rng.choice([0, 3]))
    elif harm == "used":
        with open(victim, "r+b") as file:
            file.write(struct.pack("i", rng.choice([100_000, 1 << 30, 60_000])))
    else:
        key = {"utf8": b'["\xff", "c_total", {}, "h"]', "json": b'["c", "c_total", {}',
               "surrogate": b'["c", "c_total", {"l": "\\ud800"}, "h"]'}[harm]
        entry = struct.pack("i", len(key)) + key + b" " * (8 - (len(key) + 4) % 8) + struct.pack("dd", 1.0, 0.0)
        open(extra, "wb").write(struct.pack("ii", 8 + len(entry), 0) + entry + bytes(100))


def write(rng, directory):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
    metrics.time = Clock(rng)
    ids = rng.choice([[1, 2, 3, 4], [41, 42], [7], ["worker_1", "worker_2", "x"], ["a_1", "b_1", 5], list(range(9))])
    specs = [family(rng, number) for number in range(rng.randint(1, 6))]
    odd = rng.choice([0.0, 0.0, 0.1, 0.5, "rounding"])
    conflicts = rng.choice([0.0, 0.0, 0.15, 0.4])
    for identifier in ids:
        values.ValueClass = values.MultiProcessValue(process_identifier=lambda: identifier)
        for spec in specs:
            if rng.random() < 0.9:
                operate(rng, of_another_release(rng, spec) if rng.random() < conflicts else spec, odd)
        values.ValueClass.close_all_files()
    if rng.random() < 0.1 and os.listdir(directory):
        corrupt(rng, directory)


def answer(order, collect):
    try:
        return {"order": order, "text": generate_latest(collect()).decode("utf-8"), "error": None}
    except Exception as error:
        return {"order": order, "text": None, "error": f"{type(error).__name__}: {error.args[0]}"[:300]}


def answers(rng, directory):
    def as_served():
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=directory)
        return registry

    yield answer("directory", as_served)
    files = [os.path.join(directory, name) for name in sorted(os.listdir(directory))]
    yield answer("name", lambda: Served(MultiProcessCollector.merge(files)))
    for _ in range(ORDERS):
        shuffled = rng.sample(files, len(files))
        yield answer("shuffled", lambda: Served(MultiProcessCollector.merge(shuffled)))


def main():
    root, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")
        directory = os.path.join(root, str(number), "files")
        os.makedirs(directory)
        write(rng, directory)
        with open(os.path.join(root, str(number), "expected.json"), "w") as file:
            json.dump(list(answers(rng, directory)), file)
    print(prometheus_client.__name__, count)


main()
