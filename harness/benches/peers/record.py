"""Records into metric files: inc|labels|observe."""

import os
import sys
import tempfile

from rounds import serve

TIMES = 20_000
LABELS = ["queue", "task", "status"]
VALUES = ["mail", "send_invoice", "ok"]

with tempfile.TemporaryDirectory() as directory:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
    # The client chooses its mode when it is imported.
    from prometheus_client import Counter, Histogram

    counter = Counter("jobs", "Jobs.", LABELS)
    histogram = Histogram("wait", "Wait.", LABELS)

    def inc():
        child = counter.labels(*VALUES)
        for _ in range(TIMES):
            child.inc()

    def labels():
        for _ in range(TIMES):
            counter.labels(*VALUES).inc()

    def observe():
        child = histogram.labels(*VALUES)
        for at in range(TIMES):
            child.observe(at % 16)

    serve({"inc": inc, "labels": labels, "observe": observe}[sys.argv[1]], per=TIMES)
