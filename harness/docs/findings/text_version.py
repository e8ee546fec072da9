"""Whoever asks for version 0.0.4 of the text format is answered with 1.0.0: the header is the client's newest, whatever was asked.

    pip install starlette_exporter          (or django-prometheus, prometheus_fastapi_instrumentator, dramatiq prometheus_client)
    python text_version.py
"""

import asyncio
from importlib.metadata import PackageNotFoundError, version

ASKED = "text/plain;version=0.0.4"


def get(app):
    """The content type that an ASGI application answers a scrape with."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/metrics", "raw_path": b"/metrics", "query_string": b"", "root_path": "",
        "headers": [(b"accept", ASKED.encode())], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return dict(sent[0]["headers"])[b"content-type"].decode()


def starlette():
    from starlette.applications import Starlette
    from starlette_exporter import PrometheusMiddleware, handle_metrics

    app = Starlette()
    app.add_middleware(PrometheusMiddleware)
    app.add_route("/metrics", handle_metrics)
    return get(app)


def fastapi():
    from fastapi import FastAPI
    from prometheus_fastapi_instrumentator import Instrumentator

    app = FastAPI()
    Instrumentator().instrument(app).expose(app)
    return get(app)


def django():
    from django.conf import settings

    settings.configure(ALLOWED_HOSTS=["*"])
    from django.test import RequestFactory
    from django_prometheus.exports import ExportToDjangoView

    return ExportToDjangoView(RequestFactory().get("/metrics", headers={"accept": ASKED}))["content-type"]


def dramatiq():
    import os
    import tempfile
    import threading
    import urllib.request
    from http.server import HTTPServer

    os.environ["dramatiq_prom_db"] = tempfile.mkdtemp()
    from dramatiq.middleware.prometheus import _metrics_handler

    # What the middleware's own server does, on a port that is free.
    server = HTTPServer(("127.0.0.1", 0), _metrics_handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    request = urllib.request.Request(f"http://127.0.0.1:{server.server_port}/metrics", headers={"Accept": ASKED})
    with urllib.request.urlopen(request) as response:
        return response.headers["Content-Type"]


for name, answer in [
    ("starlette_exporter", starlette), ("prometheus_fastapi_instrumentator", fastapi), ("django-prometheus", django),
    ("dramatiq", dramatiq),
]:
    try:
        print(name, version(name), "with prometheus_client", version("prometheus_client"))
    except PackageNotFoundError:
        continue
    print("  asked for:", ASKED)
    print("  answered: ", answer())
