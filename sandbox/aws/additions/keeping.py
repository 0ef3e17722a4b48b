"""Keeps the state on disk while the emulator runs. ministack itself writes it only when it ends in good order."""

import asyncio
import json
import os

from ministack import app as ministack
from ministack.core import persistence
from ministack.services import sts

from additions import stores
from additions.settings import STATE_DIR

#: Seconds between two looks whether anything happened.
INTERVAL = 2

_ADDITIONS = "additions"


class Keeper:
    """Writes each service's state when it differs from what is written."""

    def __init__(self) -> None:
        self._asked = False
        self._written: dict[str, str] = {}
        stores.load(persistence.load_state(_ADDITIONS) or {})
        # Short-lived keys, which ministack forgets: an engine at work goes on with its own after a restart.
        sts._sessions.update(persistence.load_state("sessions") or {})

    def watch(self, app):
        """The app, with a note taken of every request."""

        async def watched(scope, receive, send):
            self._asked = self._asked or scope["type"] == "http"
            await app(scope, receive, send)

        return watched

    async def keep(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            if self._asked:
                self._asked = False
                self.save()

    def save(self) -> None:
        services = ministack._build_persistence_save_dict()
        for name, get_state in {
            **services,
            _ADDITIONS: stores.get_state,
            "sessions": lambda: dict(sts._sessions),
        }.items():
            try:
                self._write(name, get_state())
            except RuntimeError:
                # A thread changed it while it was read: next time.
                self._asked = True

    def _write(self, name: str, state) -> None:
        if state is None:
            return
        document = {"__ministack_format__": persistence._state_format_version(name), "payload": state}
        text = json.dumps(document, default=persistence._json_default)
        if self._written.get(name) == text:
            return
        STATE_DIR.mkdir(parents=True, exist_ok=True)
        draft = STATE_DIR / f"{name}.json.new"
        draft.write_text(text)
        os.replace(draft, STATE_DIR / f"{name}.json")
        self._written[name] = text
