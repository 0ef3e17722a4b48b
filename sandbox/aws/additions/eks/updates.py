"""Updates of clusters, node groups and add-ons: they run for a moment, and are found by their ids."""

import time

from ministack.core.responses import new_uuid
from ministack.services import eks

from additions.stores import store

#: Seconds that an update takes.
DURATION = 0.5

_updates = store("eks-updates")


def begin(cluster: str, kind: str, params: dict):
    """Starts an update. Returns the answer to the call."""
    update = {
        "id": new_uuid(),
        "status": "InProgress",
        "type": kind,
        "params": [{"type": name, "value": str(value)} for name, value in params.items()],
        "createdAt": time.time(),
        "errors": [],
        "_of": cluster,
    }
    _updates[update["id"]] = update
    return eks._json_resp(200, {"update": eks._sanitize(update)})


def describe(cluster: str, update_id: str):
    update = _updates.get(update_id)
    if update is None or update["_of"] != cluster:
        return eks._error(404, "ResourceNotFoundException", f"No update found for ID: {update_id}")
    if time.time() >= update["createdAt"] + DURATION:
        update["status"] = "Successful"
    return eks._json_resp(200, {"update": eks._sanitize(update)})


def forget(cluster: str) -> None:
    """Deletes the updates of a deleted cluster."""
    for key, update in _updates.items():
        if update["_of"] == cluster:
            _updates.pop(key, None)
