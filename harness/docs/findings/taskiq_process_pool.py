"""taskiq with a pool of processes: one of them that dies breaks the pool for good, and a worker that dies leaves its port to processes
that do not serve.

    pip install taskiq taskiq-redis prometheus-client      # and redis-server on PATH
    python taskiq_process_pool.py
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from importlib.metadata import version
from pathlib import Path

from taskiq import PrometheusMiddleware
from taskiq_redis import ListQueueBroker, RedisAsyncResultBackend

REDIS_PORT, METRICS_PORT = 18766, 18767
REDIS = f"redis://127.0.0.1:{REDIS_PORT}"
DIRECTORY = Path(os.environ.setdefault("FINDING_DIRECTORY", tempfile.mkdtemp()))

broker = (
    ListQueueBroker(REDIS, socket_timeout=60)
    .with_result_backend(RedisAsyncResultBackend(REDIS))
    .with_middlewares(PrometheusMiddleware(DIRECTORY, METRICS_PORT, "127.0.0.1"))
)


@broker.task(task_name="who")
def who():
    """The pool's process that executes it, and the worker whose pool that is."""
    return os.getpid(), os.getppid()


async def ask():
    return await (await who.kiq()).wait_result(timeout=30)


def scrape():
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{METRICS_PORT}/metrics", timeout=10) as response:
            return f"{response.status}, {len(response.read())} bytes"
    except OSError as why:
        return f"nothing: {why}"


async def show():
    await broker.startup()
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", REDIS_PORT)).close()
            break
        except OSError:
            # Sleeps, bounded by the range.
            await asyncio.sleep(0.1)
    executor, worker = (await ask()).return_value
    print("a scrape gets", scrape())
    os.kill(executor, signal.SIGKILL)
    for _ in range(3):
        result = await ask()
        print("one of the pool is killed; a task comes to", result.return_value or type(result.error).__name__)
    os.kill(worker, signal.SIGKILL)
    # Sleeps, bounded by what is written here: the supervisor looks after its workers each second.
    await asyncio.sleep(10)
    print("its worker is killed; ten seconds later a scrape gets", scrape())
    await broker.shutdown()


def main():
    print("taskiq", version("taskiq"))
    redis = subprocess.Popen(["redis-server", "--port", str(REDIS_PORT), "--save", ""], stdout=subprocess.DEVNULL)
    here = Path(__file__)
    workers = subprocess.Popen(
        [sys.executable, "-m", "taskiq", "worker", f"{here.stem}:broker", "--workers", "1", "--use-process-pool"],
        cwd=here.parent, stderr=subprocess.DEVNULL, start_new_session=True,
    )
    try:
        asyncio.run(show())
    finally:
        os.killpg(workers.pid, signal.SIGKILL)
        redis.terminate()


if __name__ == "__main__":
    main()
