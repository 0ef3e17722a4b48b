"""EKS: one Kubernetes API behind every cluster, and calls and rules that ministack does not have."""

import json
import re
import urllib.parse

from ministack.services import eks

from additions.eks import addons, clusters, nodegroups, tags, updates, versions

_NAME = r"([A-Za-z0-9_-]+)"
_CLUSTER = rf"/clusters/{_NAME}"
_GROUP = rf"{_CLUSTER}/node-groups/{_NAME}"
_ADDON = rf"{_CLUSTER}/addons/{_NAME}"

#: Method, path and answer, which gets the parts of the path, the body and the query. The first match answers; ministack
#: answers the rest.
_ROUTES = [
    ("GET", "/cluster-versions", lambda parts, body, query: versions.describe()),
    ("POST", "/clusters", lambda parts, body, query: clusters.create(body)),
    ("GET", _CLUSTER, lambda parts, body, query: clusters.describe(*parts)),
    ("DELETE", _CLUSTER, lambda parts, body, query: clusters.delete(*parts)),
    ("POST", rf"{_CLUSTER}/update-config", lambda parts, body, query: clusters.update_config(*parts, body)),
    ("POST", rf"{_CLUSTER}/updates", lambda parts, body, query: clusters.update_version(*parts, body)),
    ("GET", rf"{_CLUSTER}/updates/{_NAME}", lambda parts, body, query: updates.describe(*parts)),
    ("POST", rf"{_CLUSTER}/node-groups", lambda parts, body, query: nodegroups.create(*parts, body)),
    ("GET", _GROUP, lambda parts, body, query: nodegroups.describe(*parts)),
    ("DELETE", _GROUP, lambda parts, body, query: nodegroups.delete(*parts)),
    ("POST", rf"{_GROUP}/update-config", lambda parts, body, query: nodegroups.update_config(*parts, body)),
    ("POST", rf"{_GROUP}/update-version", lambda parts, body, query: nodegroups.update_version(*parts, body)),
    ("POST", rf"{_CLUSTER}/addons", lambda parts, body, query: addons.create(*parts, body)),
    ("POST", rf"{_ADDON}/update", lambda parts, body, query: addons.update(*parts, body)),
    ("POST", r"/tags/(.+)", lambda parts, body, query: tags.add(*parts, body)),
    ("DELETE", r"/tags/(.+)", lambda parts, body, query: tags.remove(*parts, query)),
]


def install() -> None:
    original = eks._handle_request_sync

    def handle(method, path, headers, body_bytes, query_params):
        for wanted, pattern, answer in _ROUTES:
            found = re.fullmatch(pattern, path) if method == wanted else None
            if found:
                parts = [urllib.parse.unquote(part) for part in found.groups()]
                return answer(parts, json.loads(body_bytes) if body_bytes else {}, query_params)
        return original(method, path, headers, body_bytes, query_params)

    eks._handle_request_sync = handle
