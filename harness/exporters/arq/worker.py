"""arq functions that execute tasks: the workers' side of counterfoil's adapter protocol (../PROTOCOL.md)."""

import os

from arq.connections import RedisSettings
from arq.worker import func

from counterfoil_workload import Workload

workload = Workload()


async def execute(_, task):
    # What it raises fails the job, and is acknowledged already.
    await workload.run_async(task)


class WorkerSettings:
    functions = [func(execute, name=name) for name in workload.tasks]
    redis_settings = RedisSettings.from_dsn(os.environ["BROKER_URL"])
    queue_name = os.environ["ARQ_QUEUE"]
