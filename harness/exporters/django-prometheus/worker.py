"""A Django project of one file whose one view executes tasks: the workers' side of counterfoil's adapter protocol (../PROTOCOL.md)."""

import json
import sys

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django_prometheus"],
    MIDDLEWARE=[
        "django_prometheus.middleware.PrometheusBeforeMiddleware",
        "django_prometheus.middleware.PrometheusAfterMiddleware",
    ],
    LOGGING_CONFIG=None,
)
django_application = get_wsgi_application()

from counterfoil_workload import Workload  # noqa: E402
from django_prometheus.exports import ExportToDjangoView  # noqa: E402

workload = Workload()


def task(request):
    # What it raises becomes status 500, and is acknowledged already.
    workload.run(json.loads(request.body))
    return HttpResponse(status=204)


urlpatterns = [path("task", task)]


def application(environ, start_response):
    """Scrapes go past the middlewares, which would count them: what is served would change with each of them."""
    if environ["PATH_INFO"] != "/metrics":
        return django_application(environ, start_response)
    try:
        response = ExportToDjangoView(WSGIRequest(environ))
    except Exception as why:
        # As Django does with what a view raises.
        print(f"the endpoint: {why!r}", file=sys.stderr)
        start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
        return [b""]
    start_response("200 OK", list(response.items()))
    return [response.content]
