"""Runs ministack with the additions, and with its state on disk at all times.

Configured by the environment: ministack's own variables, and those in additions/environment.py.
"""

import asyncio

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack

import additions
from additions import environment
from additions.state_on_disk import StateWriter


async def run() -> None:
    config = Config()
    config.bind = [f"{environment.HOST}:{environment.PORT}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    writer = StateWriter()
    writing = asyncio.create_task(writer.write_on_changes())
    await serve(writer.noting_requests(ministack.app), config)
    writing.cancel()
    writer.write_changed()


if __name__ == "__main__":
    additions.install()
    asyncio.run(run())
