"""Packs orders one at a time. Has no port. On a stop signal it finishes the current order."""

import http.client
import json
import os
import signal
import sys
import threading
import time
import urllib.request

ORDERS_URL = os.environ.get("ORDERS_URL", "http://orders")
UNIT_SECONDS = float(os.environ.get("UNIT_SECONDS", "1"))
POLL_SECONDS = float(os.environ.get("POLL_SECONDS", "2"))
WHO = " ".join(
    f"{key}={os.environ.get(variable, fallback)}"
    for key, variable, fallback in (
        ("release", "RELEASE", "dev"),
        ("pod", "POD_NAME", "local"),
        ("node", "NODE_NAME", "local"),
    )
)

# The service is down, the answer was cut off, or something else answers at that address.
CLAIM_ERRORS = (OSError, http.client.HTTPException, ValueError, KeyError, TypeError)

stopping = threading.Event()


def log(message: str) -> None:
    print(f"worker: {message} {WHO}", flush=True)


def claim() -> dict | None:
    """The next order, or None. Raises one of CLAIM_ERRORS."""
    # urllib opens a new connection for each request, so a claim never uses one that is being closed.
    request = urllib.request.Request(f"{ORDERS_URL}/orders/claim", data=b"{}", method="POST")
    with urllib.request.urlopen(request, timeout=5) as response:
        return json.load(response)["order"]


def pack(order: dict) -> None:
    started = time.monotonic()
    time.sleep(UNIT_SECONDS)  # a signal does not interrupt this: the current order is finished
    log(f"packed order={order['id']} product={json.dumps(order['product'])} seconds={time.monotonic() - started:.2f}")


def main() -> int:
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop_signal, lambda *_: stopping.set())
    log("started")
    unavailable = False
    while not stopping.is_set():
        try:
            order = claim()
        except CLAIM_ERRORS as error:
            # Logged once per outage, not at every poll.
            if not unavailable:
                log(f"orders is unavailable, retrying every {POLL_SECONDS:g} s: {error}")
            unavailable = True
            stopping.wait(POLL_SECONDS)
            continue
        if unavailable:
            log("orders is back")
        unavailable = False
        if order is None:
            stopping.wait(POLL_SECONDS)
        else:
            pack(order)
    log("stopped, no order left open")
    return 0


if __name__ == "__main__":
    sys.exit(main())
