"""The state of the additions, by account and region; written to disk beside ministack's own."""

import copy

from ministack.core.responses import AccountRegionScopedDict

_stores: dict[str, AccountRegionScopedDict] = {}


def store(name: str) -> AccountRegionScopedDict:
    """The one store of that name."""
    return _stores.setdefault(name, AccountRegionScopedDict())


def get_state() -> dict:
    return {name: copy.deepcopy(data) for name, data in _stores.items()}


def load(state: dict) -> None:
    for name, data in state.items():
        store(name).update(data)
