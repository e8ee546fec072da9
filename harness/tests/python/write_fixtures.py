"""The metric files below tests/fixtures, written by the real prometheus_client 0.26.0 and gzipped.

    write_fixtures.py tests/fixtures

Run once, by hand, with that client's interpreter; the files are committed, because they are what the client writes.
"""

import gzip
import os
import sys
import tempfile

os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp()

from prometheus_client import Counter, Gauge, Histogram, Summary  # noqa: E402
from prometheus_client import metrics, values  # noqa: E402


class Clock:
    """Stands in for the time module: a second later at every look."""

    def __init__(self):
        self.now = 1_700_000_000.0

    def time(self):
        self.now += 1.0
        return self.now


def two_workers():
    """An application as one finds it: two workers that share the work unevenly."""
    for pid, mails, reports in [(101, 11, 0), (102, 10, 9)]:
        process(pid)
        jobs = Counter("jobs", "Jobs done.", ["queue"], registry=None)
        jobs.labels("mail").inc(mails)
        if reports:
            jobs.labels("report").inc(reports)
        wait = Histogram("wait_seconds", "Time in the queue.", buckets=(0.25, 1.0, 4.0), registry=None)
        for seconds in [0.25, 0.5, 64.0][: 1 + pid % 3]:
            wait.observe(seconds)
        size = Summary("size_bytes", "Payload size.", ["queue"], registry=None)
        size.labels("mail").observe(1024 * pid)
        Gauge("busy", "Jobs in progress.", registry=None, multiprocess_mode="livesum").set(pid - 100)


def odd_corners():
    """What the formats make hard: every gauge mode, escapes, numbers at the ends of the range, a user's pid."""
    for pid in [7, 8]:
        process(pid)
        for mode in sorted(Gauge._MULTIPROC_MODES):
            gauge = Gauge(f"g_{mode}", f"A gauge in mode {mode}.", ["room"], registry=None, multiprocess_mode=mode)
            gauge.labels("hall").set(pid - 7.5)
        Gauge("never_set", "Created, not set.", registry=None, multiprocess_mode="mostrecent")
        Gauge("own_pid", "A user's pid.", ["pid"], registry=None, multiprocess_mode="all").labels("mine").set(1)
        seen = Counter("seen", 'Backslash \\, quote ", line\nbreak, 日本, 🧾.', ["value"], registry=None)
        for value in ["", "C:\\new\\", 'say "hello"', "one\ntwo", "Grüße", "🧾", "{a=\"b\"} # e"]:
            seen.labels(value).inc()
        for name, value in [("big", 1e10), ("huge", 1e308), ("tiny", 5e-324), ("third", 1 / 3), ("inf", float("inf"))]:
            Counter(name, "", registry=None).inc(value if pid == 7 else 0)
        Gauge("nan", "Not a number.", registry=None, multiprocess_mode="sum").set(float("nan"))


def process(pid):
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: pid)
    metrics.time = CLOCK


CLOCK = Clock()
for name, write in [("two-workers", two_workers), ("odd-corners", odd_corners)]:
    written = tempfile.mkdtemp()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = written
    write()
    values.ValueClass.close_all_files()
    folder = os.path.join(sys.argv[1], name)
    os.makedirs(folder, exist_ok=True)
    for file in sorted(os.listdir(written)):
        with open(os.path.join(written, file), "rb") as plain, open(os.path.join(folder, file + ".gz"), "wb") as packed:
            packed.write(gzip.compress(plain.read(), mtime=0))
