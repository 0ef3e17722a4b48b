"""Starts commands for a test worker, see spawner.ts. Requests are lines of JSON on a pipe, and so are the answers."""

import json
import os
import select
import signal
import subprocess
import sys


def start(request):
    """Starts a command. Returns the answer, and the ends of its pipes that the worker opens."""
    ours, theirs = [], []
    for number, kind in enumerate(request["stdio"]):
        if kind == "ignore":
            ours.append(None)
            theirs.append(os.open(os.devnull, os.O_RDWR))
            continue
        read, write = os.pipe()
        theirs.append(read if number == 0 else write)
        ours.append(write if number == 0 else read)
    try:
        child = subprocess.Popen(
            request["args"],
            executable=request["file"],
            cwd=request["cwd"],
            env=dict(pair.split("=", 1) for pair in request["env"]),
            stdin=theirs[0],
            stdout=theirs[1],
            stderr=theirs[2],
            start_new_session=request["detached"],
        )
    except OSError:
        # Node tries it again, and has its own words for the fault.
        close(ours)
        return {}, []
    finally:
        close(theirs)
    children[child.pid] = child
    return {"pid": child.pid, "ends": ours}, ours


def close(ends):
    for end in ends:
        if end is not None:
            os.close(end)


def report_ended():
    for pid, child in list(children.items()):
        code = child.poll()
        if code is None:
            continue
        del children[pid]
        ended = {"pid": pid, "code": max(code, 0), "signal": signal.Signals(-code).name if code < 0 else ""}
        os.write(1, f"{json.dumps(ended)}\n".encode())


children = {}
# A signal to the worker's process group is for the commands. A handler, unlike ignoring it, is not inherited by them.
for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
    signal.signal(name, lambda *_: None)
wake, wakened = os.pipe()
os.set_blocking(wakened, False)
signal.set_wakeup_fd(wakened, warn_on_full_buffer=False)

# The worker opens these by their paths in /proc. This end of the first one is closed, to see when the worker has ended.
requests, requests_end = os.pipe()
answers_end, answers = os.pipe()
print(json.dumps({"requests": requests_end, "answers": answers_end}), flush=True)
reader = os.fdopen(requests, "rb", buffering=0)
opened = sys.stdin.buffer.readline()
os.close(requests_end)
os.close(answers_end)

pending, buffered = [], b""
while True:
    ready, _, _ = select.select([requests, wake], [], [])
    if wake in ready:
        os.read(wake, 4096)
        report_ended()
    if requests in ready:
        chunk = reader.read(1 << 20)
        if not chunk:
            sys.exit()
        buffered += chunk
        *lines, buffered = buffered.split(b"\n")
        for line in lines:
            if line == b"opened":
                close(pending)
                continue
            answer, pending = start(json.loads(line))
            os.write(answers, f"{json.dumps(answer)}\n".encode())
