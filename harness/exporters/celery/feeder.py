"""Sends tasks to the workers, as a client of theirs: `feeder.py PID`, of the process that has started it."""

import os
import sys

from celery import Celery

from counterfoil_feeder import feed

app = Celery(broker=os.environ["BROKER_URL"])
app.conf.task_default_queue = os.environ["CELERY_QUEUE"]
feed(lambda task: app.send_task(task["name"], [task], ignore_result=True), int(sys.argv[1]))
