"""Dramatiq actors that execute tasks: the workers' side of counterfoil's adapter protocol (../PROTOCOL.md)."""

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import default_middleware
from dramatiq.middleware.prometheus import Prometheus

from counterfoil_workload import Workload

# What releases before 2 have among their defaults is there once all the same.
middleware = [kind() for kind in default_middleware if kind is not Prometheus] + [Prometheus()]
broker = RedisBroker(
    url=os.environ["BROKER_URL"], namespace=os.environ["DRAMATIQ_NAMESPACE"], middleware=middleware
)
workload = Workload()


def execute(task):
    # What it raises fails the message, and is acknowledged already.
    workload.run(task)


for name in workload.tasks:
    # A task that fails has failed: by default it would be tried twenty times more.
    dramatiq.actor(execute, actor_name=name, broker=broker, max_retries=0)
