"""prometheus_flask_exporter: a scrape that asks for names is answered with 500 where metrics are those of several processes.

    pip install prometheus_flask_exporter
    python flask_names.py
"""

import os
import tempfile

os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp()

from importlib.metadata import version  # noqa: E402

from flask import Flask  # noqa: E402
from prometheus_flask_exporter.multiprocess import GunicornInternalPrometheusMetrics  # noqa: E402

app = Flask(__name__)
GunicornInternalPrometheusMetrics(app)
client = app.test_client()
print("prometheus_flask_exporter", version("prometheus_flask_exporter"))
for path in ["/metrics", "/metrics?name[]=flask_http_request_total"]:
    print(path, client.get(path).status_code)
