"""The real prometheus_client, for as long as its standard input is open: a request a line, an answer a line.

    record  {dir, processes: [{id, forked, uses: [{family, ops}]}]}: what these processes do, in files below dir
    merge   {dir, orders: [[file name]]}: what the client makes of the files in each order, and its text for the first
    parse   {text, format}: what the client's own parser reads

Floats travel as the integers of their bits.
"""

import gc
import io
import json
import os
import struct
import sys
import tempfile

os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.gettempdir()

from prometheus_client import Counter, Gauge, Histogram, Summary, metrics, values  # noqa: E402
from prometheus_client.exposition import generate_latest  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

TYPES = {"counter": Counter, "gauge": Gauge, "histogram": Histogram, "summary": Summary}


def double(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


class Clock:
    """Stands in for the time module: the program says when it is."""

    now = 0.0

    def time(self):
        return self.now


class Recorder:
    """The processes of one directory, one after the other. A forked one has the metrics of the one before it."""

    def __init__(self, directory):
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
        metrics.time = self.clock = Clock()
        self.identifier = None
        self.known = {}

    def process(self, process):
        self.identifier = process["id"]
        if not process["forked"] or not self.known:
            self.known = {}
            values.ValueClass = values.MultiProcessValue(process_identifier=lambda: self.identifier)
        for use in process["uses"]:
            metric = self.metric(use["family"])
            for op in use["ops"]:
                self.operate(metric, use["family"], op)

    def metric(self, family):
        key = json.dumps(family)
        if key not in self.known:
            own = {}
            if family["kind"] == "gauge":
                own["multiprocess_mode"] = family["mode"]
            if family["kind"] == "histogram":
                own["buckets"] = [double(bound) for bound in family["buckets"]]
            kind = TYPES[family["kind"]]
            self.known[key] = kind(family["name"], family["help"], family["labels"], registry=None, **own)
        return self.known[key]

    def operate(self, metric, family, op):
        self.clock.now = double(op["at"])
        child = metric.labels(*op["labels"]) if family["labels"] else metric
        for act, value in op["act"].items():
            {"touch": lambda _: None, "inc": lambda by: child.inc(by), "set": lambda to: child.set(to),
             "observe": lambda seen: child.observe(seen)}[act](double(value))


def record(request):
    recorder = Recorder(request["dir"])
    for process in request["processes"]:
        recorder.process(process)
    # The files are closed when nothing knows their metrics any more. Newer releases know all of them, to close them.
    values.ValueClass = None
    getattr(values, "close_all_multiprocess_files", lambda: None)()
    del recorder
    gc.collect()
    return {}


def plain(families):
    return [
        {
            "name": family.name,
            "kind": family.type,
            "help": family.documentation,
            "samples": [[sample.name, sample.labels, bits(float(sample.value))] for sample in family.samples],
        }
        for family in families
    ]


class Served:
    """As much of a registry as generate_latest needs."""

    def __init__(self, families):
        self.families = families

    def collect(self):
        return self.families


def merge(request):
    answers = []
    for order in request["orders"]:
        files = [os.path.join(request["dir"], name) for name in order]
        try:
            families = list(MultiProcessCollector.merge(files))
            text = generate_latest(Served(families)).decode("utf-8")
            answers.append({"families": plain(families), "text": None if answers else text})
        except Exception as error:
            answers.append({"error": f"{type(error).__name__}: {error}"[:300]})
    # What it finds by itself is all that was named: the directory's own order is one more of them.
    found = sorted(file.name for file in os.scandir(request["dir"]) if file.name.endswith(".db"))
    assert found == sorted(request["orders"][0]), found
    return {"answers": answers}


def parse(request):
    if request["format"] == "openmetrics":
        from prometheus_client.openmetrics.parser import text_fd_to_metric_families
    else:
        from prometheus_client.parser import text_fd_to_metric_families
    # Only a line feed ends a line.
    return {"families": plain(text_fd_to_metric_families(io.StringIO(request["text"], newline="\n")))}


def main():
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            answer = {"record": record, "merge": merge, "parse": parse}[request["do"]](request)
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


main()
