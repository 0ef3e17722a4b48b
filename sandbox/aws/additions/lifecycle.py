"""Rules that ECR has for lifecycle policies.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

import json

_STATUSES = ("tagged", "untagged", "any")
_COUNTS = ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")


def fault(text: str) -> str | None:
    """What is wrong with a policy, if anything."""
    try:
        rules = json.loads(text)["rules"]
        priorities = [rule["rulePriority"] for rule in rules]
        selections = [rule["selection"] for rule in rules]
    except (json.JSONDecodeError, KeyError, TypeError):
        return "Lifecycle policy must be JSON with rules, each with a rulePriority, a selection and an action"
    if not rules:
        return "Lifecycle policy must have at least one rule"
    if len(set(priorities)) != len(priorities):
        return "Lifecycle policy rules must have unique priorities"
    found = next((found for found in map(_selection_fault, selections) if found), None)
    return found or _order_fault(priorities, selections)


def _selection_fault(selection: dict) -> str | None:
    status, count = selection.get("tagStatus"), selection.get("countType")
    prefixes, patterns = selection.get("tagPrefixList"), selection.get("tagPatternList")
    if status not in _STATUSES:
        return f"tagStatus must be one of {', '.join(_STATUSES)}"
    if count not in _COUNTS:
        return f"countType must be one of {', '.join(_COUNTS)}"
    if status == "tagged" and bool(prefixes) == bool(patterns):
        return "tagStatus tagged needs either a tagPrefixList or a tagPatternList"
    if status != "tagged" and (prefixes or patterns):
        return f"tagStatus {status} takes no tagPrefixList and no tagPatternList"
    if any(pattern.count("*") > 4 for pattern in patterns or []):
        return "a pattern of tagPatternList may have four wildcards at most"
    if not isinstance(selection.get("countNumber"), int) or selection["countNumber"] < 1:
        return "countNumber must be a positive integer"
    if (count == "imageCountMoreThan") == ("countUnit" in selection):
        return "countUnit goes with every countType but imageCountMoreThan"
    return None


def _order_fault(priorities: list[int], selections: list[dict]) -> str | None:
    statuses = [selection["tagStatus"] for selection in selections]
    for status in ("untagged", "any"):
        if statuses.count(status) > 1:
            return f"Only one rule may select {status} images"
    if "any" in statuses and priorities[statuses.index("any")] != max(priorities):
        return "A rule for any image must have the highest rulePriority"
    return None
