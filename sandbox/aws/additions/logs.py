"""CloudWatch Logs: the service must be allowed to use the key of a log group."""

import fnmatch
import json

from ministack.core.responses import error_response_json, get_region, json_response
from ministack.services import cloudwatch_logs as logs
from ministack.services import kms


def install() -> None:
    original = logs.handle_request

    async def handle(method, path, headers, body, query_params):
        if headers.get("x-amz-target", "").endswith(".AssociateKmsKey"):
            return _associate(json.loads(body))
        return await original(method, path, headers, body, query_params)

    logs.handle_request = handle
    logs._create_log_group = _create(logs._create_log_group)


def _create(create):
    def created(data):
        return _key_fault(data.get("kmsKeyId"), data.get("logGroupName", "")) or create(data)

    return created


def _associate(data):
    name = data.get("logGroupName", "")
    if name not in logs._log_groups:
        return error_response_json("ResourceNotFoundException", "The specified log group does not exist.", 400)
    fault = _key_fault(data.get("kmsKeyId"), name)
    if fault:
        return fault
    logs._log_groups[name]["kmsKeyId"] = data["kmsKeyId"]
    return json_response({})


def _key_fault(key_id: str | None, group: str):
    """The error when a key does not exist, or its policy does not allow the service to use it."""
    key = kms._resolve_key(key_id) if key_id else None
    if not key_id or (key and _allows(key["Policy"], f"logs.{get_region()}.amazonaws.com", "kms:encrypt")):
        return None
    arn = logs._make_group_arn_no_star(group)
    message = f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'"
    return error_response_json("AccessDeniedException", message, 400)


def _allows(policy: str, service: str, action: str) -> bool:
    """Whether a statement allows the action to the service. Conditions count as met."""
    for statement in _list(json.loads(policy or "{}").get("Statement", [])):
        principal = statement.get("Principal", {})
        services = _list(principal.get("Service", [])) if isinstance(principal, dict) else [service]
        actions = [pattern.lower() for pattern in _list(statement.get("Action", []))]
        if statement.get("Effect") == "Allow" and service in services:
            if any(fnmatch.fnmatchcase(action, pattern) for pattern in actions):
                return True
    return False


def _list(value) -> list:
    return value if isinstance(value, list) else [value]
