"""arq: a worker whose connection to Redis has lost its other end waits for an answer that never comes, and does no task again.

    pip install arq      # and redis-server on PATH
    python arq_half_open.py

Between the worker and Redis is a relay that stops to pass anything on, and closes nothing: a firewall that has forgotten the
connection. Whoever connects anew is served.
"""

import asyncio
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from arq import create_pool
from arq.connections import RedisSettings

REDIS_PORT, RELAY_PORT, WAIT_S = 18769, 18770, 60


async def who(ctx):
    return "done"


class WorkerSettings:
    functions = [who]
    redis_settings = RedisSettings(port=RELAY_PORT)


class Relay:
    """Passes bytes on, but for the connections that are there when it is told to forget them."""

    def __init__(self):
        self.forgotten = 0
        self.accepted = 0

    async def serve(self, reader, writer):
        self.accepted += 1
        number = self.accepted
        to_redis = await asyncio.open_connection("127.0.0.1", REDIS_PORT)
        there, back = self.pass_on(number, reader, to_redis[1]), self.pass_on(number, to_redis[0], writer)
        try:
            await asyncio.gather(there, back)
        except (OSError, asyncio.CancelledError):
            pass  # One end is gone, or this program ends.

    async def pass_on(self, number, reader, writer):
        while data := await reader.read(65536):
            if number > self.forgotten:
                writer.write(data)
                await writer.drain()


async def show():
    for _ in range(100):
        try:
            (await asyncio.open_connection("127.0.0.1", REDIS_PORT))[1].close()
            break
        except OSError:
            # Sleeps, bounded by the range.
            await asyncio.sleep(0.1)
    relay = Relay()
    server = await asyncio.start_server(relay.serve, "127.0.0.1", RELAY_PORT)
    here = Path(__file__)
    worker = subprocess.Popen([sys.executable, "-m", "arq", f"{here.stem}.WorkerSettings"], cwd=here.parent, stderr=subprocess.DEVNULL)
    try:
        pool = await create_pool(RedisSettings(port=REDIS_PORT))
        job = await pool.enqueue_job("who")
        print("a task is", await job.result(timeout=30))
        relay.forgotten = relay.accepted
        print("the relay forgets the worker's connections:", relay.accepted)
        job = await pool.enqueue_job("who")
        try:
            print("a task is", await job.result(timeout=WAIT_S))
        except asyncio.TimeoutError:
            print(f"{WAIT_S} s later a task is {(await job.status()).value}, the worker",
                  "still there," if worker.poll() is None else "gone,", "connections since:", relay.accepted - relay.forgotten)
    finally:
        worker.kill()
        server.close()


def main():
    print("arq", version("arq"))
    redis = subprocess.Popen(["redis-server", "--port", str(REDIS_PORT), "--save", ""], stdout=subprocess.DEVNULL)
    try:
        asyncio.run(show())
    finally:
        redis.terminate()


if __name__ == "__main__":
    main()
