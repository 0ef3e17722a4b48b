"""CloudWatch Logs: keys of log groups, which the service must be allowed to use, and protection against deletion."""

import json

from ministack.core.responses import error_response_json, get_region, json_response
from ministack.services import cloudwatch_logs as logs
from ministack.services import kms

from additions.policies import allows_service


def install() -> None:
    original = logs.handle_request
    added = {
        "AssociateKmsKey": _associate,
        "DisassociateKmsKey": _disassociate,
        "PutLogGroupDeletionProtection": _protect,
    }

    async def handle(method, path, headers, body, query_params):
        action = headers.get("x-amz-target", "").split(".")[-1]
        if action in added:
            return added[action](json.loads(body or b"{}"))
        return await original(method, path, headers, body, query_params)

    logs.handle_request = handle
    logs._create_log_group = _create(logs._create_log_group)
    logs._delete_log_group = _delete(logs._delete_log_group)
    logs._describe_log_groups = _describe(logs._describe_log_groups)


def _key_fault(key_id: str | None, group: str):
    """The error where a key is not there, or its policy does not let the service use it."""
    key = kms._resolve_key(key_id) if key_id else None
    service = f"logs.{get_region()}.amazonaws.com"
    if not key_id or (key and allows_service(key["Policy"], service, "kms:Encrypt")):
        return None
    arn = logs._make_group_arn_no_star(group)
    message = f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'"
    return error_response_json("AccessDeniedException", message, 400)


def _create(create):
    def created(data):
        fault = _key_fault(data.get("kmsKeyId"), data.get("logGroupName", ""))
        if fault:
            return fault
        answer = create(data)
        if answer[0] == 200 and data.get("deletionProtectionEnabled"):
            logs._log_groups[data["logGroupName"]]["deletionProtectionEnabled"] = True
        return answer

    return created


def _delete(delete):
    def deleted(data):
        name = data.get("logGroupName")
        if name in logs._log_groups and logs._log_groups[name].get("deletionProtectionEnabled"):
            message = f"Log group {name} cannot be deleted because deletion protection is enabled"
            return error_response_json("ValidationException", message, 400)
        return delete(data)

    return deleted


def _describe(describe):
    def described(data):
        status, headers, answer = describe(data)
        if status != 200:
            return status, headers, answer
        body = json.loads(answer)
        for group in body["logGroups"]:
            record = logs._log_groups[group["logGroupName"]]
            group["deletionProtectionEnabled"] = bool(record.get("deletionProtectionEnabled"))
        return json_response(body)

    return described


def _group(data) -> str | None:
    """Name of the group that is meant, by name or by ARN; none where there is no such group."""
    identity = data.get("logGroupName") or data.get("resourceIdentifier") or data.get("logGroupIdentifier") or ""
    name = identity.split(":log-group:")[-1].removesuffix(":*")
    return name if name in logs._log_groups else None


def _missing():
    return error_response_json("ResourceNotFoundException", "The specified log group does not exist.", 400)


def _associate(data):
    name = _group(data)
    if name is None:
        return _missing()
    fault = _key_fault(data.get("kmsKeyId"), name)
    if fault:
        return fault
    logs._log_groups[name]["kmsKeyId"] = data["kmsKeyId"]
    return json_response({})


def _disassociate(data):
    name = _group(data)
    if name is None:
        return _missing()
    logs._log_groups[name]["kmsKeyId"] = None
    return json_response({})


def _protect(data):
    name = _group(data)
    if name is None:
        return _missing()
    logs._log_groups[name]["deletionProtectionEnabled"] = bool(data.get("deletionProtectionEnabled"))
    return json_response({})
