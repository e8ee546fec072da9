"""A FastAPI application whose one route executes tasks: the workers' side of counterfoil's adapter protocol (../PROTOCOL.md)."""

from fastapi import FastAPI, Request
from prometheus_fastapi_instrumentator import Instrumentator

from counterfoil_workload import Workload

workload = Workload()
app = FastAPI()
# Scrapes are not counted: what is served would change with each of them.
Instrumentator(excluded_handlers=["/metrics"]).instrument(app).expose(app, should_gzip=True)


@app.post("/task", status_code=204)
async def task(request: Request):
    # What it raises becomes status 500, and is acknowledged already.
    await workload.run_async(await request.json())
