"""prometheus_client: what a process counts after its files were removed is served by nobody, for as long as the process lives.

    pip install prometheus_client
    python wiped_directory.py
"""

import os
import tempfile
from importlib.metadata import version
from pathlib import Path

DIRECTORY = Path(tempfile.mkdtemp())
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(DIRECTORY)

from prometheus_client import CollectorRegistry, Counter, generate_latest, multiprocess  # noqa: E402


def served():
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    lines = generate_latest(registry).decode().splitlines()
    return [line for line in lines if not line.startswith("#")] or "nothing"


def main():
    print("prometheus_client", version("prometheus_client"))
    jobs = Counter("jobs", "Jobs done.")
    jobs.inc(3)
    print("counted 3, served:", served())
    for file in DIRECTORY.glob("*.db"):
        file.unlink()
    jobs.inc(4)
    print("files removed, 4 more counted, served:", served())
    Counter("mails", "Mails sent.").inc()
    print("another counter, new since, served:", served(), "in", [file.name for file in DIRECTORY.iterdir()] or "no file")


if __name__ == "__main__":
    main()
