"""Serves a directory at /metrics on a port of its own, which it prints: DIR."""

import sys

from prometheus_client import CollectorRegistry, multiprocess, start_http_server

registry = CollectorRegistry()
multiprocess.MultiProcessCollector(registry, path=sys.argv[1])
server, thread = start_http_server(0, addr="127.0.0.1", registry=registry)
print(server.server_port, flush=True)
sys.stdin.read()
