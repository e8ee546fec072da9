"""taskiq with a stream or pub/sub: the workers of a supervisor that was killed work on, and nobody replaces them.

    pip install taskiq taskiq-redis      # and redis-server on PATH
    python taskiq_orphans.py             # with a stream; with pub/sub: python taskiq_orphans.py pubsub
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from taskiq.exceptions import TaskiqResultTimeoutError
from taskiq_redis import PubSubBroker, RedisAsyncResultBackend, RedisStreamBroker

REDIS_PORT, WAIT_S = 18768, 30
REDIS = f"redis://127.0.0.1:{REDIS_PORT}"

KIND = os.environ.setdefault("FINDING_BROKER", "pubsub" if "pubsub" in sys.argv else "stream")
broker = (PubSubBroker if KIND == "pubsub" else RedisStreamBroker)(REDIS).with_result_backend(RedisAsyncResultBackend(REDIS))


@broker.task(task_name="who")
def who():
    """The process that executes it, and the one that it is a child of."""
    return os.getpid(), os.getppid()


async def ask():
    for _ in range(15):
        try:
            return (await (await who.kiq()).wait_result(timeout=2)).return_value
        except TaskiqResultTimeoutError:
            pass  # Nobody has subscribed yet.
    sys.exit("nobody executes a task")


async def show(supervisor):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", REDIS_PORT)).close()
            break
        except OSError:
            # Sleeps, bounded by the range.
            await asyncio.sleep(0.1)
    await broker.startup()
    worker, parent = await ask()
    print(f"pid {worker} executes a task, a child of {parent}; the supervisor is {supervisor.pid}, and is killed")
    supervisor.kill()
    supervisor.wait()
    # Sleeps, bounded by WAIT_S.
    await asyncio.sleep(WAIT_S)
    worker, parent = await ask()
    print(f"{WAIT_S} s later pid {worker} executes a task, a child of {parent}")
    os.kill(worker, signal.SIGKILL)
    await broker.shutdown()


def main():
    print("taskiq", version("taskiq"), "taskiq-redis", version("taskiq-redis"), KIND)
    redis = subprocess.Popen(["redis-server", "--port", str(REDIS_PORT), "--save", ""], stdout=subprocess.DEVNULL)
    here = Path(__file__)
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "taskiq", "worker", f"{here.stem}:broker", "--workers", "1"],
        cwd=here.parent, stderr=subprocess.DEVNULL, start_new_session=True,
    )
    try:
        asyncio.run(show(supervisor))
    finally:
        try:
            os.killpg(supervisor.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # All of them have ended.
        redis.terminate()


if __name__ == "__main__":
    main()
