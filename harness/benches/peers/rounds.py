"""The protocol of a contender: `ready`, then for each line `go` the nanoseconds that one measurement took."""

import sys
import time


def serve(measure, per=1):
    """`measure` does the whole of it; the time is divided by `per`, where it does the same thing many times."""
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() != "go":
            sys.exit(f"{line!r} is no request")
        began = time.perf_counter_ns()
        measure()
        print((time.perf_counter_ns() - began) / per, flush=True)
