"""Starts the feeder, and becomes `taskiq worker` with the arguments of this: `fleet.py worker:broker --workers 2`."""

import os
import subprocess
import sys
from pathlib import Path

subprocess.Popen([sys.executable, str(Path(__file__).with_name("feeder.py")), str(os.getpid())])
os.execv(sys.executable, [sys.executable, "-m", "taskiq", "worker", *sys.argv[1:]])
