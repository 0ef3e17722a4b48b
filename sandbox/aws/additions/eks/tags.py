"""Tags: stored in the record, so that describing it returns them."""

from ministack.services import eks

_STORES = (
    (eks._clusters, "arn"),
    (eks._nodegroups, "nodegroupArn"),
    (eks._addons, "addonArn"),
    (eks._access_entries, "accessEntryArn"),
    (eks._pod_identity_associations, "associationArn"),
)


def _change(arn: str, change):
    for records, member in _STORES:
        for record in records.values():
            if record.get(member) == arn:
                record["tags"] = change(record.get("tags", {}))
                return eks._json_resp(200, {})
    return eks._error(404, "NotFoundException", f"No resource found for ARN: {arn}.")


def add(arn: str, body: dict):
    return _change(arn, lambda tags: {**tags, **body.get("tags", {})})


def remove(arn: str, query):
    return _change(arn, lambda tags: {k: v for k, v in tags.items() if k not in query.get("tagKeys", [])})
