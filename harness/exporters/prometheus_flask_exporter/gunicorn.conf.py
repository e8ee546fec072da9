"""What gunicorn does around its workers, as the documentation of the exporter and of the client have it."""

import os
from pathlib import Path

from prometheus_flask_exporter.multiprocess import GunicornInternalPrometheusMetrics


def on_starting(server):
    # The directory must be empty when a service starts: so says the client's documentation.
    metrics = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    for file in metrics.glob("*.db"):
        file.unlink()


def child_exit(server, worker):
    GunicornInternalPrometheusMetrics.mark_process_dead_on_child_exit(worker.pid)
