"""A Flask application whose one view executes tasks: the workers' side of counterfoil's adapter protocol (../PROTOCOL.md)."""

from flask import Flask, request
from prometheus_flask_exporter.multiprocess import GunicornInternalPrometheusMetrics

from counterfoil_workload import Workload

app = Flask(__name__)
# Serves /metrics, from any worker.
metrics = GunicornInternalPrometheusMetrics(app)
workload = Workload()


@app.post("/task")
def task():
    # What it raises becomes status 500, and is acknowledged already.
    workload.run(request.get_json())
    return "", 204
