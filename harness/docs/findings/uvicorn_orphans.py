"""uvicorn: the workers of a supervisor that was killed go on, with the port.

    pip install uvicorn
    python uvicorn_orphans.py
"""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

PORT = 18765
WAIT_S = 30


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"]
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})


def answered():
    """The pid that answers, if one does."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}", timeout=2) as response:
            return int(response.read())
    except OSError:
        return None


def main():
    here = Path(__file__)
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "--workers", "2", "--port", str(PORT), "--log-level", "error",
         "--app-dir", str(here.parent), f"{here.stem}:app"],
    )
    deadline = time.monotonic() + WAIT_S
    while answered() is None and time.monotonic() < deadline:
        # Sleeps, bounded by WAIT_S.
        time.sleep(0.2)
    print("uvicorn", version("uvicorn"), "supervisor", supervisor.pid, "is killed")
    supervisor.kill()
    supervisor.wait()
    # Sleeps, bounded by WAIT_S.
    time.sleep(WAIT_S)
    left = set()
    while (pid := answered()) is not None:
        left.add(pid)
        os.kill(pid, signal.SIGKILL)
        # Sleeps, bounded by the number of workers.
        time.sleep(0.5)
    print(f"{WAIT_S} s later there are still", sorted(left) or "none")


if __name__ == "__main__":
    main()
