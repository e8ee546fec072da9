"""prometheus_client by itself, as its documentation has it: a process that serves, and workers that it starts, replaces, and
marks dead. The workers' side of counterfoil's adapter protocol is ../python/counterfoil_workload.py.

    fleet.py --workers N --start fork|spawn|forkserver [--preload] --serve own|wsgi|asgi --host HOST --port PORT
"""

import argparse
import multiprocessing
import os
import signal
import tempfile
import threading
from multiprocessing.connection import wait
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from worker import work


def serve_own(registry, host, port):
    """The client's own server, in a thread of its own."""
    start_http_server(port, host, registry)


def serve_wsgi(registry, host, port):
    """The client's WSGI application, under the server of the standard library."""
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    from prometheus_client import make_wsgi_app

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Silent(WSGIRequestHandler):
        def log_message(self, *_):
            pass

    server = make_server(host, port, make_wsgi_app(registry), Server, Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def serve_asgi(registry, host, port):
    """The client's ASGI application, under uvicorn."""
    import uvicorn

    from prometheus_client import make_asgi_app

    config = uvicorn.Config(make_asgi_app(registry), host, port, log_level="warning", access_log=False)
    # Not in the main thread, so that uvicorn leaves the signals alone.
    threading.Thread(target=uvicorn.Server(config).run, daemon=True).start()


SERVE = {"own": serve_own, "wsgi": serve_wsgi, "asgi": serve_asgi}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--start", choices=["fork", "spawn", "forkserver"], required=True)
    parser.add_argument("--preload", action="store_true", help="construct the metrics before workers are forked")
    parser.add_argument("--serve", choices=SERVE, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    if options.preload and options.start != "fork":
        parser.error("--preload goes with --start fork: other workers inherit nothing")
    # The directory must be empty when a service starts: so says the client's documentation.
    metrics = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    metrics.mkdir(parents=True, exist_ok=True)
    for file in metrics.glob("*.db"):
        file.unlink()
    parent = os.getpid()
    asked, ask = os.pipe()

    def end(*_):
        if os.getpid() != parent:
            os._exit(1)  # A child that was just forked, and has not begun.
        os.write(ask, b".")

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if options.start == "forkserver":
        # Its socket lies in TMPDIR, and a socket's path may be 108 bytes long, which TMPDIR alone can be.
        os.chdir(tempfile.gettempdir())
        tempfile.tempdir = "/proc/self/cwd"
    context = multiprocessing.get_context(options.start)

    workload = None
    if options.preload:
        from counterfoil_workload import Workload

        workload = Workload()

    def start():
        process = context.Process(target=work, args=(workload,))
        process.start()
        return process

    workers = [start() for _ in range(options.workers)]
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    SERVE[options.serve](registry, options.host, options.port)
    ending = False
    while workers:
        if asked in wait([asked, *(worker.sentinel for worker in workers)]):
            os.read(asked, 1)
            ending = True
            for worker in workers:
                worker.terminate()
        for worker in [worker for worker in workers if not worker.is_alive()]:
            worker.join()
            workers.remove(worker)
            mark_process_dead(worker.pid)
            if not ending:
                workers.append(start())


if __name__ == "__main__":
    main()
