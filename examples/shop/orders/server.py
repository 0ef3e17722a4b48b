"""Takes orders. Starts slowly and drains gracefully, like a Spring Boot service."""

import json
import os
import signal
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from store import OrderStore

PORT = int(os.environ.get("PORT", "8080"))
START_SECONDS = float(os.environ.get("START_SECONDS", "12"))
DRAIN_SECONDS = float(os.environ.get("DRAIN_SECONDS", "10"))
ORDER_MS = float(os.environ.get("ORDER_MS", "200"))
MAX_BODY_BYTES = 4096

IDENTITY = {
    "service": "orders",
    "release": os.environ.get("RELEASE", "dev"),
    "pod": os.environ.get("POD_NAME", "local"),
    "node": os.environ.get("NODE_NAME", "local"),
}


class InFlight:
    """Counts open requests, so that shutdown can wait for them."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait_for_none(self, seconds: float) -> int:
        """Waits at most `seconds` and returns the number of requests that are still open."""
        with self._changed:
            self._changed.wait_for(lambda: self._count == 0, timeout=seconds)
            return self._count


store = OrderStore()
in_flight = InFlight()
stopping = threading.Event()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Sends headers and body in one write. With two, Nagle's algorithm delays the second by 40 ms.
    wbufsize = -1
    # Longer than the ingress keeps idle connections. Otherwise it could reuse one that is being closed here.
    timeout = 120

    def do_GET(self) -> None:
        with in_flight:
            self.route_get()
            # Send the answer before the request stops counting as open.
            self.wfile.flush()

    def do_POST(self) -> None:
        with in_flight:
            self.route_post()
            self.wfile.flush()

    def route_get(self) -> None:
        if self.path == "/actuator/health/liveness":
            self.reply(200, {"status": "UP"})
        elif self.path == "/actuator/health/readiness":
            ready = not stopping.is_set()
            self.reply(200 if ready else 503, {"status": "UP" if ready else "OUT_OF_SERVICE"})
        elif self.path == "/version":
            self.reply(200, IDENTITY)
        elif self.path == "/orders":
            self.reply(200, {**IDENTITY, "waiting": store.waiting(), "orders": store.latest(5)})
        else:
            self.reply(404, {"error": f"{self.path}: no such path"})

    def route_post(self) -> None:
        body = self.read_body()
        if body is None:
            self.reply(400, {"error": f"body: not JSON of at most {MAX_BODY_BYTES} bytes"})
        elif self.path == "/orders":
            self.take_order(body)
        elif self.path == "/orders/claim":
            self.reply(200, {**IDENTITY, "order": store.claim()})
        else:
            self.reply(404, {"error": f"{self.path}: no such path"})

    def take_order(self, body: dict) -> None:
        product = body.get("product")
        if not isinstance(product, str) or not 1 <= len(product) <= 100:
            self.reply(400, {"error": "product: missing; give the id of a product, 1 to 100 characters"})
            return
        time.sleep(ORDER_MS / 1000)  # stands in for the payment
        order = store.add(uuid.uuid4().hex[:8], product)
        print(f"orders: took order={order['id']} product={json.dumps(product)}", flush=True)
        self.reply(201, {**IDENTITY, "order": order})

    def read_body(self) -> dict | None:
        """The JSON object in the body. Empty if there is no body, None if it cannot be read."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True  # the rest of the body would be read as the next request
            return None
        try:
            body = json.loads(self.rfile.read(int(length)) or b"{}")
        except ValueError:
            return None
        return body if isinstance(body, dict) else None

    def reply(self, status: int, value: dict) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if stopping.is_set() or self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Logs nothing per request: probes would drown the one line per order."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    # The default of 5 refuses connections when a few clients connect at once.
    request_queue_size = 512

    def handle_error(self, request: object, client_address: object) -> None:
        # A client that disconnects is not an error of this service and deserves no stack trace.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def main() -> int:
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop_signal, lambda *_: stopping.set())
    print(f"orders: release {IDENTITY['release']} starting, takes {START_SECONDS:g} s", flush=True)
    # As with Spring, the port opens only when the application is up, so it needs a startup probe.
    if stopping.wait(START_SECONDS):
        print("orders: stopped while starting", flush=True)
        return 0
    server = Server(("", PORT), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    print(f"orders: listening on port {PORT}", flush=True)

    stopping.wait()
    print("orders: SIGTERM, draining", flush=True)
    server.shutdown()
    server.socket.close()
    left = in_flight.wait_for_none(DRAIN_SECONDS)
    if left:
        print(f"orders: {left} requests still open after {DRAIN_SECONDS:g} s, exiting anyway", flush=True)
        return 1
    print("orders: drained", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
