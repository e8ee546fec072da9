"""Starts uvicorn with several workers on an application, in a metrics directory that is empty: so the client's documentation wants
it, and uvicorn has no hook for it.

    counterfoil_uvicorn.py MODULE:APPLICATION --workers N --host HOST --port PORT
"""

import argparse
import os
from pathlib import Path

import uvicorn


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("application")
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    for file in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db"):
        file.unlink()
    uvicorn.run(
        options.application,
        host=options.host,
        port=options.port,
        workers=options.workers,
        access_log=False,
        # On a busy machine a worker that is well may be silent for longer than the default five seconds.
        timeout_worker_healthcheck=30,
    )


if __name__ == "__main__":
    main()
