"""dramatiq's exposition server answers one connection after the other: one that says nothing keeps everybody else waiting.

    pip install dramatiq prometheus_client
    python dramatiq_slow_scraper.py
"""

import os
import socket
import tempfile
import threading
import time
import urllib.request
from importlib.metadata import version

HOST, PORT, WAIT_S = "127.0.0.1", 18769, 10
os.environ.update(dramatiq_prom_db=tempfile.mkdtemp(), dramatiq_prom_host=HOST, dramatiq_prom_port=str(PORT))

from dramatiq.middleware.prometheus import _run_exposition_server  # noqa: E402


def scrape():
    try:
        with urllib.request.urlopen(f"http://{HOST}:{PORT}/metrics", timeout=WAIT_S) as response:
            return f"status {response.status}"
    except OSError as error:
        return f"nothing within {WAIT_S} s: {error}"


def main():
    print("dramatiq", version("dramatiq"))
    threading.Thread(target=_run_exposition_server, daemon=True).start()
    for _ in range(100):
        try:
            silent = socket.create_connection((HOST, PORT))
            break
        except OSError:
            # Sleeps, bounded by the range.
            time.sleep(0.1)
    print("a connection is open and asks for nothing; a scrape gets", scrape())
    silent.close()
    print("it is closed; a scrape gets", scrape())


if __name__ == "__main__":
    main()
