"""Starts uWSGI in a metrics directory that is empty, as the client's documentation wants it.

    serve.py OPTION…
"""

import os
import sys
from pathlib import Path

import pyuwsgi

for file in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db"):
    file.unlink()
pyuwsgi.run(sys.argv[1:])
