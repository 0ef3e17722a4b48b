"""State of the additions, by account and region, kept on disk beside ministack's own."""

import copy

from ministack.core.responses import AccountRegionScopedDict

_stores: dict[str, AccountRegionScopedDict] = {}


def store(name: str) -> AccountRegionScopedDict:
    """The store of that name, one for the whole process."""
    return _stores.setdefault(name, AccountRegionScopedDict())


def get_state() -> dict:
    return {name: copy.deepcopy(data) for name, data in _stores.items()}


def load(state: dict) -> None:
    for name, data in state.items():
        store(name).update(data)
