"""A Celery application that executes tasks: the workers' side of counterfoil's adapter protocol (../PROTOCOL.md). Its metrics
are made when it is imported, before the pool is forked, and its first process serves those of all."""

import os
import subprocess
import sys
from pathlib import Path

from celery import Celery
from celery.signals import worker_process_shutdown, worker_ready, worker_shutting_down

# The directory must be empty when a service starts: so says the client's documentation. Below, the first file is made.
for file in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db"):
    file.unlink()

from counterfoil_workload import Workload  # noqa: E402
from prometheus_client import CollectorRegistry, start_http_server  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead  # noqa: E402

workload = Workload()
app = Celery(broker=os.environ["BROKER_URL"])
app.conf.task_default_queue = os.environ["CELERY_QUEUE"]
app.conf.broker_connection_retry_on_startup = True
# On a busy machine a process may need longer than the default four seconds to begin.
app.conf.worker_proc_alive_timeout = 30


def execute(task):
    # What it raises fails the task, and is acknowledged already.
    workload.run(task)


for name in workload.tasks:
    app.task(execute, name=name, ignore_result=True)


@worker_ready.connect
def serve(**_):
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    start_http_server(int(os.environ["METRICS_PORT"]), os.environ["METRICS_HOST"], registry)
    feeder = subprocess.Popen([sys.executable, str(Path(__file__).with_name("feeder.py")), str(os.getpid())])
    worker_shutting_down.connect(lambda **_: feeder.terminate(), weak=False)


@worker_process_shutdown.connect
def mark_dead(pid, **_):
    mark_process_dead(pid)
