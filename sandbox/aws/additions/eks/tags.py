"""Tags: changed on the record itself, so that describing it tells them."""

from ministack.core.responses import get_account_id, get_region
from ministack.services import eks

_STORES = (
    (eks._clusters, "arn"),
    (eks._nodegroups, "nodegroupArn"),
    (eks._addons, "addonArn"),
    (eks._access_entries, "accessEntryArn"),
    (eks._pod_identity_associations, "associationArn"),
)


def _record(arn: str):
    """The record of that ARN, or the error where there is none."""
    if not arn.startswith(f"arn:aws:eks:{get_region()}:{get_account_id()}:"):
        return None, eks._error(400, "BadRequestException", f"Invalid resourceArn: {arn}")
    for records, member in _STORES:
        for record in records.values():
            if record.get(member) == arn:
                return record, None
    return None, eks._error(404, "NotFoundException", f"No resource found for ARN: {arn}.")


def _keep(arn: str, record: dict, tags: dict) -> None:
    record["tags"] = tags
    if tags:
        eks._tags[arn] = dict(tags)
    else:
        eks._tags.pop(arn, None)


def add(arn: str, body: dict):
    record, error = _record(arn)
    if error:
        return error
    _keep(arn, record, {**record.get("tags", {}), **body.get("tags", {})})
    return eks._json_resp(200, {})


def remove(arn: str, query):
    record, error = _record(arn)
    if error:
        return error
    _keep(arn, record, {k: v for k, v in record.get("tags", {}).items() if k not in query.get("tagKeys", [])})
    return eks._json_resp(200, {})


def list_of(arn: str):
    record, error = _record(arn)
    return error or eks._json_resp(200, {"tags": record.get("tags", {})})
