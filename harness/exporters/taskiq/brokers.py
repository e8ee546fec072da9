"""The broker that TASKIQ_BROKER names, as workers and feeder have it."""

import os

import taskiq_redis


def broker():
    # Whoever waits for a task waits without end, and redis-py no longer than this (5 s by default since its release 8): then an idle
    # worker dies of a TimeoutError. That is the queue's trouble, not the middleware's: twenty seconds outlast what a scenario idles.
    of = {"url": os.environ["BROKER_URL"], "queue_name": os.environ["TASKIQ_QUEUE"], "socket_timeout": 20}
    match os.environ["TASKIQ_BROKER"]:
        case "list":
            return taskiq_redis.ListQueueBroker(**of)
        case "stream":
            # From its first task on: by default from those that come after the first worker.
            return taskiq_redis.RedisStreamBroker(**of, consumer_id="0")
        case "pubsub":
            return taskiq_redis.PubSubBroker(**of)
        case unknown:
            raise SystemExit(f"TASKIQ_BROKER is {unknown!r}; taskiq-redis has list, stream and pubsub")
