"""A Starlette application whose one route executes tasks: the workers' side of counterfoil's adapter protocol (../PROTOCOL.md)."""

from starlette.applications import Starlette
from starlette.responses import Response
from starlette_exporter import PrometheusMiddleware, handle_metrics

from counterfoil_workload import Workload

workload = Workload()
app = Starlette()
# Scrapes are not counted: what is served would change with each of them.
app.add_middleware(PrometheusMiddleware, skip_paths=["/metrics"])
app.add_route("/metrics", handle_metrics)


async def task(request):
    # What it raises becomes status 500, and is acknowledged already.
    await workload.run_async(await request.json())
    return Response(status_code=204)


app.add_route("/task", task, methods=["POST"])
