"""Sends tasks to the workers, as a client of theirs: what `dramatiq --fork-function feeder:main` starts beside them."""

import multiprocessing
import os

from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker

from counterfoil_feeder import feed


def main():
    broker = RedisBroker(url=os.environ["BROKER_URL"], namespace=os.environ["DRAMATIQ_NAMESPACE"], middleware=[])

    def send(task):
        broker.enqueue(Message("default", task["name"], (task,), {}, {}))

    feed(send, multiprocessing.parent_process().pid)
    return 0
