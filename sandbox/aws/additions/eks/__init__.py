"""EKS: one Kubernetes API behind every cluster, and the calls and rules that ministack does not have."""

import json
import re
import urllib.parse

from ministack.core.iam_evaluator import resolve_caller_identity
from ministack.core.router import extract_access_key_id
from ministack.services import eks

from additions.eks import access, addons, clusters, nodegroups, tags, updates, versions

_NAME = r"([A-Za-z0-9_-]+)"
_CLUSTER = rf"/clusters/{_NAME}"
_GROUP = rf"{_CLUSTER}/node-groups/{_NAME}"

#: Method, path and answer, which gets the parts of the path, the body and the query. The first that fits answers; what
#: fits none is ministack's.
_ROUTES = [
    ("GET", "/cluster-versions", lambda parts, body, query: versions.describe(query)),
    ("GET", "/addons/supported-versions", lambda parts, body, query: addons.describe_versions(query)),
    ("GET", _CLUSTER, lambda parts, body, query: clusters.describe(*parts)),
    ("DELETE", _CLUSTER, lambda parts, body, query: clusters.delete(*parts)),
    ("POST", rf"{_CLUSTER}/update-config", lambda parts, body, query: clusters.update_config(*parts, body)),
    ("POST", rf"{_CLUSTER}/updates", lambda parts, body, query: clusters.update_version(*parts, body)),
    ("GET", rf"{_CLUSTER}/updates", lambda parts, body, query: updates.list_of(*parts, query)),
    ("GET", rf"{_CLUSTER}/updates/{_NAME}", lambda parts, body, query: updates.describe(*parts)),
    ("POST", rf"{_CLUSTER}/encryption-config/associate", lambda parts, body, query: clusters.encrypt(*parts, body)),
    ("POST", rf"{_CLUSTER}/node-groups", lambda parts, body, query: nodegroups.create(*parts, body)),
    ("GET", _GROUP, lambda parts, body, query: nodegroups.describe(*parts)),
    ("DELETE", _GROUP, lambda parts, body, query: nodegroups.delete(*parts)),
    ("POST", rf"{_GROUP}/update-config", lambda parts, body, query: nodegroups.update_config(*parts, body)),
    ("POST", rf"{_GROUP}/update-version", lambda parts, body, query: nodegroups.update_version(*parts, body)),
    ("POST", rf"{_CLUSTER}/addons", lambda parts, body, query: addons.create(*parts, body)),
    ("POST", rf"{_CLUSTER}/addons/{_NAME}/update", lambda parts, body, query: addons.update(*parts, body)),
    ("DELETE", rf"{_CLUSTER}/addons/{_NAME}", lambda parts, body, query: addons.delete(*parts)),
    ("POST", rf"{_CLUSTER}/access-entries", lambda parts, body, query: access.create_entry(*parts, body)),
    (
        "POST",
        rf"{_CLUSTER}/access-entries/(.+)/access-policies",
        lambda parts, body, query: access.associate_policy(*parts, body),
    ),
    ("POST", r"/tags/(.+)", lambda parts, body, query: tags.add(*parts, body)),
    ("DELETE", r"/tags/(.+)", lambda parts, body, query: tags.remove(*parts, query)),
    ("GET", r"/tags/(.+)", lambda parts, body, query: tags.list_of(*parts)),
]


def install() -> None:
    original = eks._handle_request_sync

    def handle(method, path, headers, body_bytes, query_params):
        body = _json(body_bytes)
        if (method, path) == ("POST", "/clusters"):
            return clusters.create(body, _caller(headers, query_params))
        for wanted, pattern, answer in _ROUTES:
            found = re.fullmatch(pattern, path) if method == wanted else None
            if found:
                parts = [urllib.parse.unquote(part) for part in found.groups()]
                return answer(parts, body, query_params)
        return original(method, path, headers, body_bytes, query_params)

    eks._handle_request_sync = handle


def _json(body: bytes) -> dict:
    try:
        return json.loads(body) if body else {}
    except json.JSONDecodeError:
        return {}


def _caller(headers, query_params) -> str | None:
    """ARN of the caller: of the role itself where he has assumed one."""
    identity = resolve_caller_identity(extract_access_key_id(headers, query_params))
    arn = identity["userArn"] if identity else None
    return eks._role_arn_from_assumed_role(arn) or arn
