"""Hands tasks on to a framework whose messages are its own: it takes them from the list that counterfoil pushes them to
(`plain-list`, ../PROTOCOL.md), and sends each as the framework's clients do.

A process of its own, which the fleet's supervisor starts, and which ends with it. It must not construct any metric.
"""

import json
import os
import signal
import time

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry


def feed(send, supervisor):
    """Calls `send` with each task document, until SIGTERM, or until the process `supervisor` is gone that has started this one."""
    asked_to_end = []
    signal.signal(signal.SIGTERM, lambda *_: asked_to_end.append(True))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A connection that is lost is made anew, for as long as that takes.
    queue = redis.Redis.from_url(
        os.environ["BROKER_URL"],
        socket_timeout=5,
        retry=Retry(ConstantBackoff(0.1), 5),
        retry_on_error=[redis.ConnectionError, redis.TimeoutError],
    )
    while not asked_to_end and os.getppid() == supervisor:
        try:
            # Half a second at most, so that who is asked to end does.
            taken = queue.brpop(os.environ["QUEUE"], timeout=0.5)
        except (redis.ConnectionError, redis.TimeoutError):
            continue
        if taken is not None:
            hand_on(json.loads(taken[1]), send, supervisor)


def hand_on(task, send, supervisor):
    """Sends a task that is in no queue now: however often that must be tried, and also when this process was asked to end."""
    while os.getppid() == supervisor:
        try:
            return send(task)
        except Exception as why:  # Each framework has errors of its own for a broker that cannot be reached.
            print(f"task {task['id']} is to be sent again: {type(why).__name__}: {why}", flush=True)
            # Sleeps, bounded by the supervisor's life: the broker may be away for long.
            time.sleep(0.1)
