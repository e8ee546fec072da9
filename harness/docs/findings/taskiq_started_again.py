"""taskiq's PrometheusMiddleware: what an earlier run of the service counted counts on, for nothing empties the directory.

    pip install "taskiq[metrics]>=0.13"      # an older in-memory broker does not start its middlewares
    python taskiq_started_again.py
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import urllib.request
from importlib.metadata import version
from pathlib import Path

from taskiq import InMemoryBroker, PrometheusMiddleware

PORT = 18770


async def serve(directory):
    """A service's one worker, from its start to its end: a task is executed, then /metrics read."""
    middleware = PrometheusMiddleware(metrics_path=directory, server_addr="127.0.0.1", server_port=PORT)
    broker = InMemoryBroker().with_middlewares(middleware)
    broker.is_worker_process = True  # As the command `taskiq worker` sets it; the middleware serves in workers only.

    @broker.task(task_name="mail")
    async def mail():
        pass

    await broker.startup()
    await (await mail.kiq()).wait_result()
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/metrics") as response:
        for line in response.read().decode().splitlines():
            if line.startswith("received_tasks_total"):
                print(f"pid {os.getpid()} executed one task; served: {line}", flush=True)
    await broker.shutdown()


def main():
    if sys.argv[1:]:
        asyncio.run(serve(Path(sys.argv[1])))
        return
    print("taskiq", version("taskiq"), flush=True)
    directory = tempfile.mkdtemp()
    for _ in range(3):
        subprocess.run([sys.executable, __file__, directory], check=True)


if __name__ == "__main__":
    main()
