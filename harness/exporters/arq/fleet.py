"""Several arq workers, each a process of its own, as their users start them: this one starts and replaces them, marks the dead, and
serves the metrics of all.

    fleet.py --workers N --host HOST --port PORT
"""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    # The directory must be empty when a service starts: so says the client's documentation.
    for file in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db"):
        file.unlink()
    ending = []
    running = {}

    def end(*_):
        ending.append(True)
        for pid in list(running):
            os.kill(pid, signal.SIGTERM)

    def start(*arguments):
        # Should this process be killed, nobody else would end them.
        process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", sys.executable, *arguments])
        running[process.pid] = process
        if ending:
            os.kill(process.pid, signal.SIGTERM)
        return process

    def start_worker():
        start("-m", "arq", "worker.WorkerSettings")

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    start_http_server(options.port, options.host, registry)
    feeder = start(str(Path(__file__).with_name("feeder.py")), str(os.getpid()))
    for _ in range(options.workers):
        start_worker()
    while running:
        # Until it is waited for, nobody else gets its pid.
        pid = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT).si_pid
        process = running.pop(pid)
        if process is not feeder:
            mark_process_dead(pid)
        process.wait()
        if ending:
            continue
        if process is feeder:
            raise SystemExit("the feeder has ended")
        start_worker()


if __name__ == "__main__":
    main()
