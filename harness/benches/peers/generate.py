"""Writes a data set through prometheus_client itself: DIR PROCESSES SETS.

Each process has counters, gauges of the modes all and livesum, and histograms: SETS label sets of each of the first
three, in ten families, and as many histograms as come to about the same number of entries.
"""

import os
import random
import sys
from multiprocessing import Process

FAMILIES = 10
METHODS = ["GET", "POST", "PUT", "DELETE"]
STATUSES = ["200", "201", "304", "404", "500"]
LABELS = ["endpoint", "instance", "method", "status"]
FIRST_PID = 100_001
# Fifteen buckets by default, and a sum.
ENTRIES_OF_A_HISTOGRAM = 16


def labels(at):
    return [
        f"/api/v2/resources/{at // FAMILIES:05d}/items",
        f"web-{at % 7:02d}.eu-west-1.compute.example",
        METHODS[at % 4],
        STATUSES[at % 5],
    ]


def fill(directory, pid, sets):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: pid)
    registry = CollectorRegistry()
    chance = random.Random(pid)

    def families(make, stem):
        return [
            make(f"{stem}_{number}", f"What the service's part {number} did, seen from here.", LABELS)
            for number in range(FAMILIES)
        ]

    def each(of, count, record):
        # The order of label sets differs from process to process, as it does in life.
        for at in chance.sample(range(count), count):
            record(of[at % FAMILIES].labels(*labels(at)))

    kinds = [
        (Counter, {}, "http_requests", sets, lambda one: one.inc(chance.randrange(1, 100_000))),
        (
            Gauge,
            {"multiprocess_mode": "all"},
            "http_in_flight",
            sets,
            lambda one: one.set(round(chance.uniform(0, 1000), 3)),
        ),
        (
            Gauge,
            {"multiprocess_mode": "livesum"},
            "pool_connections",
            sets,
            lambda one: one.set(chance.randrange(1000)),
        ),
        (
            Histogram,
            {},
            "http_duration_seconds",
            -(-sets // ENTRIES_OF_A_HISTOGRAM),
            lambda one: [one.observe(chance.expovariate(1)) for _ in range(3)],
        ),
    ]
    for kind, options, stem, count, record in kinds:
        made = families(lambda *words: kind(*words, registry=registry, **options), stem)
        each(made, count, record)


def main():
    directory, processes, sets = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.makedirs(directory)
    pids = [FIRST_PID + number for number in range(processes)]
    workers = os.cpu_count() or 1
    while pids:
        batch, pids = pids[:workers], pids[workers:]
        started = [Process(target=fill, args=(directory, pid, sets)) for pid in batch]
        for process in started:
            process.start()
        for process in started:
            process.join()
            if process.exitcode != 0:
                sys.exit(f"a process ended with {process.exitcode}")


if __name__ == "__main__":
    main()
