"""Runs ministack with what it lacks added, and with its state on disk at all times.

Configured by the environment: ministack's own variables, and those that additions/settings.py reads.
"""

import asyncio

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack

import additions
from additions import settings
from additions.keeping import Keeper


async def run() -> None:
    config = Config()
    config.bind = [f"{settings.HOST}:{settings.PORT}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    keeper = Keeper()
    keeping = asyncio.create_task(keeper.keep())
    await serve(keeper.watch(ministack.app), config)
    keeping.cancel()
    keeper.save()


if __name__ == "__main__":
    additions.install()
    asyncio.run(run())
