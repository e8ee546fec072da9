"""Sends tasks to the workers, as a client of theirs: `feeder.py PID`, of the process that has started it."""

import asyncio
import os
import sys

from arq import create_pool
from arq.connections import RedisSettings

from counterfoil_feeder import feed

loop = asyncio.new_event_loop()
jobs = loop.run_until_complete(
    create_pool(RedisSettings.from_dsn(os.environ["BROKER_URL"]), default_queue_name=os.environ["ARQ_QUEUE"])
)


def send(task):
    # With an id of its own a job is there once, however often it is sent.
    loop.run_until_complete(jobs.enqueue_job(task["name"], task, _job_id=f"{os.environ['ARQ_QUEUE']}:{task['id']}"))


feed(send, int(sys.argv[1]))
