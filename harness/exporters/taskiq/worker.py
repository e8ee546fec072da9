"""The taskiq side of counterfoil's adapter protocol, version 1 (../PROTOCOL.md): `taskiq worker worker:broker`."""

import asyncio
import logging
import os
import random
from pathlib import Path

from redis.asyncio import Redis
from taskiq import PrometheusMiddleware, TaskiqEvents

import brokers

# A lost race for the port is logged at debug level only; this brings it into the run's log.
logging.getLogger("taskiq.prometheus").setLevel(logging.DEBUG)

middleware = PrometheusMiddleware(
    metrics_path=Path(os.environ["METRICS_DIR"]),
    server_port=int(os.environ["METRICS_PORT"]),
    server_addr=os.environ["METRICS_HOST"],
)
broker = brokers.broker().with_middlewares(middleware)

# F12, T1: this imports the client, which chooses files or memory by the variable that the middleware has set.
from counterfoil_workload import Workload  # noqa: E402

workload = Workload()


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def keep_awake(state):
    """taskiq's signal handler sets an event without waking the loop, so that an idle worker of 0.13.0 which is asked to end does so
    only once redis-py has waited long enough, or never. A service's loop has more to do than to wait for one connection."""
    state.awake = asyncio.create_task(tick())


async def tick():
    while True:
        # Sleeps, bounded by the worker's life: what wakes the loop is all that is wanted.
        await asyncio.sleep(0.1)


async def run(task):
    await workload.run_async(task)


async def run_if_first(task):
    """Pub/sub hands each task to every worker, and the ops are to be executed once: whoever is first does it."""
    # Sleeps, bounded by what is written here: who reads fastest would else be first nearly each time.
    await asyncio.sleep(random.uniform(0, 0.02))
    if await redis.set(f"{os.environ['TASKIQ_QUEUE']}:{task['id']}", os.getpid(), nx=True):
        await run(task)


def run_in_the_pool(task):
    """What is no coroutine is what taskiq hands to its pool of processes."""
    workload.run(task)


if os.environ.get("TASKIQ_POOL") == "process":
    execute = run_in_the_pool
elif os.environ["TASKIQ_BROKER"] == "pubsub":
    execute = run_if_first
    redis = Redis.from_url(os.environ["BROKER_URL"])
else:
    execute = run
for name in workload.tasks:
    broker.register_task(execute, task_name=name)
