"""prometheus_client: on a full disk a process that counts is ended by SIGBUS, in the middle of its work.

    pip install prometheus_client
    sudo unshare --mount python full_disk.py        (the small disk is mounted for this script alone)
"""

import os
import signal
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path


def work():
    """A worker: one series that is there already, then new ones, each of which makes the file longer."""
    from prometheus_client import Counter

    jobs = Counter("jobs", "Jobs done.", ["queue"])
    jobs.labels("mail").inc()
    print("a worker has counted once; the disk is filled up", flush=True)
    with open(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]) / "filler", "wb", buffering=0) as filler:
        try:
            while filler.write(bytes(512)):
                pass
        except OSError as error:
            print("another program's write:", error.strerror, flush=True)
    for number in range(100_000):
        jobs.labels(f"queue {number}").inc()


def main():
    if sys.argv[1:]:
        work()
        return
    print("prometheus_client", version("prometheus_client"), flush=True)
    directory = tempfile.mkdtemp()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", directory], check=True)
    try:
        worker = subprocess.run([sys.executable, __file__, "work"], env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": directory})
    finally:
        subprocess.run(["umount", directory], check=True)
    ended = signal.Signals(-worker.returncode).name if worker.returncode < 0 else f"status {worker.returncode}"
    print("the worker counts what is new, and ends with", ended)


if __name__ == "__main__":
    main()
