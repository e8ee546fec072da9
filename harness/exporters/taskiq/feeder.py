"""Sends tasks to the workers, as a client of theirs: `feeder.py PID`, of the process that has started it."""

import asyncio
import os
import sys

from redis import Redis
from taskiq.kicker import AsyncKicker

from brokers import broker
from counterfoil_feeder import feed

loop = asyncio.new_event_loop()
tasks = broker()
loop.run_until_complete(tasks.startup())
redis = Redis.from_url(os.environ["BROKER_URL"])


def send(task):
    if os.environ["TASKIQ_BROKER"] == "pubsub" and not redis.pubsub_numsub(os.environ["TASKIQ_QUEUE"])[0][1]:
        raise ConnectionError("nobody listens, and what is published then is lost")
    loop.run_until_complete(AsyncKicker(task["name"], tasks, {}).with_task_id(task["id"]).kiq(task))


feed(send, int(sys.argv[1]))
