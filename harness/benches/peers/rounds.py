"""The protocol of a contender: `ready`, then for each line `go N` a turn, and the nanoseconds that a measurement took in it.

A turn lasts N nanoseconds or one measurement, whichever is longer. The median of its measurements counts, but for the
first, which finds what the contender before has left in the processor's caches.
"""

import statistics
import sys
import time


def serve(measure, per=1):
    """`measure` does the whole of it; the time is divided by `per`, where it does the same thing many times."""
    print("ready", flush=True)
    for line in sys.stdin:
        request, turn = line.split()
        if request != "go":
            sys.exit(f"{line!r} is no request")
        began = time.perf_counter_ns()
        times = [timed(measure)]
        while time.perf_counter_ns() - began < int(turn):
            times.append(timed(measure))
        print(statistics.median_high(times[1:] or times) / per, flush=True)


def timed(measure):
    began = time.perf_counter_ns()
    measure()
    return time.perf_counter_ns() - began
