"""A WSGI application that executes tasks and serves the client's metrics: the workers' side of counterfoil's adapter protocol
(../PROTOCOL.md)."""

import json

from counterfoil_workload import TaskFailed, TaskRefused, Workload
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.multiprocess import MultiProcessCollector

workload = Workload()
registry = CollectorRegistry()
MultiProcessCollector(registry)
metrics = make_wsgi_app(registry)


def application(environ, start_response):
    if environ["PATH_INFO"] == "/metrics":
        return metrics(environ, start_response)
    length = int(environ["CONTENT_LENGTH"])
    try:
        workload.run(json.loads(environ["wsgi.input"].read(length)))
    except (TaskFailed, TaskRefused):
        # It is acknowledged already.
        start_response("500 Internal Server Error", [])
        return [b""]
    start_response("204 No Content", [])
    return [b""]
