"""Packs the orders that were taken, one at a time. Has no port; a stop lets the order in hand be finished."""

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

# Away, cut off in the middle, or something else answering at that address.
CLAIM_ERRORS = (OSError, http.client.HTTPException, ValueError, KeyError, TypeError)

stopping = threading.Event()


def log(message: str) -> None:
    print(f"worker: {message} {WHO}", flush=True)


def claim() -> dict | None:
    """The next order, or None. Raises one of CLAIM_ERRORS."""
    # urllib opens a connection per request, so a claim never meets a connection that is being closed.
    request = urllib.request.Request(f"{ORDERS_URL}/orders/claim", data=b"{}", method="POST")
    with urllib.request.urlopen(request, timeout=5) as response:
        return json.load(response)["order"]


def pack(order: dict) -> None:
    started = time.monotonic()
    time.sleep(UNIT_SECONDS)  # goes on after a signal: the order in hand is finished
    log(f"packed order={order['id']} product={json.dumps(order['product'])} seconds={time.monotonic() - started:.2f}")


def main() -> int:
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop_signal, lambda *_: stopping.set())
    log("started")
    away = False
    while not stopping.is_set():
        try:
            order = claim()
        except CLAIM_ERRORS as error:
            # Said once per outage, not at every poll.
            if not away:
                log(f"orders is away, asking again every {POLL_SECONDS:g} s: {error}")
            away = True
            stopping.wait(POLL_SECONDS)
            continue
        if away:
            log("orders is back")
        away = False
        if order is None:
            stopping.wait(POLL_SECONDS)
        else:
            pack(order)
    log("stopped, nothing left in hand")
    return 0


if __name__ == "__main__":
    sys.exit(main())
