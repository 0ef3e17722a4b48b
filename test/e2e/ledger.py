"""Keeps a line for each of its starts in /data, and serves it."""

import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

if os.environ.get("FAIL"):
    sys.exit("FAIL: exiting with status 1, as asked")

STARTS = "/data/starts"
with open(STARTS, "a") as starts:
    starts.write(os.environ.get("VERSION", "none") + "\n")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    timeout = 120

    def do_GET(self):
        body = open(STARTS, "rb").read()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
