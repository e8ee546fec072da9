"""Parses an exposition: FILE."""

import sys

from prometheus_client.parser import text_string_to_metric_families
from rounds import serve

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
serve(lambda: list(text_string_to_metric_families(text)))
