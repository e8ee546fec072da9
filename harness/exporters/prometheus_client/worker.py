"""A worker: takes tasks from a list on Redis and executes them, one after the other, until it is asked to end."""

import json
import multiprocessing
import os
import signal

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry


def work(workload):
    """Runs until SIGTERM, or until the process that started it is gone. `workload` is what the parent constructed, if it did."""
    # Here, and not at the top: the parent has no metrics unless it is asked to, and a spawned child imports the client anew.
    from counterfoil_workload import TaskFailed, TaskRefused, Workload

    asked_to_end = []
    signal.signal(signal.SIGTERM, lambda *_: asked_to_end.append(True))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    workload = workload or Workload()
    # A connection that is lost is made anew, for as long as that takes.
    queue = redis.Redis.from_url(
        os.environ["BROKER_URL"],
        socket_timeout=5,
        retry=Retry(ConstantBackoff(0.1), 5),
        retry_on_error=[redis.ConnectionError, redis.TimeoutError],
    )
    while not asked_to_end and multiprocessing.parent_process().is_alive():
        try:
            # Half a second at most, so that a worker that is asked to end does.
            taken = queue.brpop(os.environ["QUEUE"], timeout=0.5)
        except (redis.ConnectionError, redis.TimeoutError):
            continue
        if taken is None:
            continue
        try:
            workload.run(json.loads(taken[1]))
        except (TaskFailed, TaskRefused):
            pass  # It is acknowledged, and the worker goes on.
        except OSError as why:
            print(f"a task is stored in part: {why}", flush=True)
