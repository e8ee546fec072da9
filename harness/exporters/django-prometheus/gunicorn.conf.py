"""What gunicorn does around its workers, as the client's documentation has it."""

import os
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead


def on_starting(server):
    # The directory must be empty when a service starts.
    metrics = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    for file in metrics.glob("*.db"):
        file.unlink()


def child_exit(server, worker):
    mark_process_dead(worker.pid)
