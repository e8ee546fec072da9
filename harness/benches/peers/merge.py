"""Merges a directory to text: client|speedups DIR."""

import glob
import os
import sys

from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.metrics_core import Metric
from rounds import serve


class Speedups:
    """The merge of prometheus_client_python_speedups in the collector's place; text is generate_latest's."""

    def __init__(self, directory):
        self.directory = directory

    def collect(self):
        from prometheus_client_python_speedups import merge

        for merged in merge(glob.glob(os.path.join(self.directory, "*.db"))):
            metric = Metric(merged.name, merged.documentation, merged.typ)
            metric.samples = merged.samples
            yield metric


def main():
    which, directory = sys.argv[1:]
    registry = CollectorRegistry()
    if which == "speedups":
        registry.register(Speedups(directory))
    else:
        multiprocess.MultiProcessCollector(registry, path=directory)
    serve(lambda: generate_latest(registry))


main()
