"""Writes the state to disk while the emulator runs. ministack itself writes it only when it ends in good order."""

import asyncio
import json
import os

from ministack import app as ministack
from ministack.core import persistence
from ministack.services import sts

from additions import stores
from additions.environment import STATE_DIR

#: Seconds between two writes.
INTERVAL = 2

_ADDITIONS = "additions"
_SESSIONS = "sessions"


class StateWriter:
    """Writes the state of each service that has changed."""

    def __init__(self) -> None:
        self._requested = False
        self._written: dict[str, str] = {}
        stores.load(persistence.load_state(_ADDITIONS) or {})
        # ministack forgets short-lived keys; with them a running engine survives a restart of the emulator.
        sts._sessions.update(persistence.load_state(_SESSIONS) or {})

    def noting_requests(self, app):
        """The app; without a request there is nothing to write."""

        async def noting(scope, receive, send):
            self._requested = self._requested or scope["type"] == "http"
            await app(scope, receive, send)

        return noting

    async def write_on_changes(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            if self._requested:
                self._requested = False
                self.write_changed()

    def write_changed(self) -> None:
        services = ministack._build_persistence_save_dict()
        own = {_ADDITIONS: stores.get_state, _SESSIONS: lambda: dict(sts._sessions)}
        for name, get_state in {**services, **own}.items():
            try:
                self._write(name, get_state())
            except RuntimeError:
                # A thread changed it during the read: it is written the next time.
                self._requested = True

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
