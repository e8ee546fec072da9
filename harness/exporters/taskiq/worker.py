"""The taskiq side of counterfoil's adapter protocol, version 1 (../PROTOCOL.md): `taskiq worker worker:broker`."""

import logging
import os
from pathlib import Path

from taskiq import PrometheusMiddleware
from taskiq_redis import ListQueueBroker

# A lost race for the port is logged at debug level only; this brings it into the run's log.
logging.getLogger("taskiq.prometheus").setLevel(logging.DEBUG)

middleware = PrometheusMiddleware(
    metrics_path=Path(os.environ["METRICS_DIR"]),
    server_port=int(os.environ["METRICS_PORT"]),
    server_addr=os.environ["METRICS_HOST"],
)
# taskiq-redis waits for a task without end, so two things hang on how long redis-py waits for an answer (5 s by default
# since its release 8): an idle worker dies of a TimeoutError after that long and is restarted, and a worker that is asked
# to end does so only then. That is the queue's trouble, not the middleware's: twenty seconds outlast what a scenario idles.
broker = ListQueueBroker(
    os.environ["BROKER_URL"], queue_name=os.environ["QUEUE"], socket_timeout=20
).with_middlewares(middleware)

# F12, T1: this imports the client, which chooses files or memory by the variable that the middleware has set.
from counterfoil_workload import Workload  # noqa: E402

workload = Workload()


async def run(task):
    await workload.run_async(task)


for name in workload.tasks:
    broker.register_task(run, task_name=name)
