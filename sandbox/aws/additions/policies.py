"""What a resource's policy says of a service of AWS."""

import fnmatch
import json


def _list(value) -> list:
    return value if isinstance(value, list) else [value]


def allows_service(policy: str, service: str, action: str) -> bool:
    """Whether some statement allows the action to the service. Conditions count as met; the account is no service."""
    for statement in _list(json.loads(policy or "{}").get("Statement", [])):
        principal = statement.get("Principal", {})
        services = _list(principal.get("Service", [])) if isinstance(principal, dict) else [service]
        actions = _list(statement.get("Action", []))
        if (
            statement.get("Effect") == "Allow"
            and service in services
            and any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in actions)
        ):
            return True
    return False
