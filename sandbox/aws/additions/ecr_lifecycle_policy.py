"""The rules of ECR for lifecycle policies.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

import json


def fault(text: str) -> str | None:
    """The error in a policy, if any."""
    try:
        rules = json.loads(text)["rules"]
        priorities = [rule["rulePriority"] for rule in rules]
        selections = [rule["selection"] for rule in rules]
    except (json.JSONDecodeError, KeyError, TypeError):
        return "Lifecycle policy must be JSON with rules, each with a rulePriority, a selection and an action"
    statuses = [selection.get("tagStatus") for selection in selections]
    if not rules or len(set(priorities)) != len(priorities):
        return "Lifecycle policy must have rules, of unique priorities"
    if statuses.count("untagged") > 1 or statuses.count("any") > 1:
        return "Only one rule may select untagged images, and one any images"
    if "any" in statuses and priorities[statuses.index("any")] != max(priorities):
        return "A rule for any image must have the highest rulePriority"
    return next((found for found in map(_selection_fault, selections) if found), None)


def _selection_fault(selection: dict) -> str | None:
    status, count = selection.get("tagStatus"), selection.get("countType")
    prefixes, patterns = selection.get("tagPrefixList"), selection.get("tagPatternList")
    if status not in ("tagged", "untagged", "any"):
        return "tagStatus must be tagged, untagged or any"
    if (status == "tagged") != (bool(prefixes) != bool(patterns)) or (prefixes and patterns):
        return "tagStatus tagged needs either a tagPrefixList or a tagPatternList, the others take none"
    if any(pattern.count("*") > 4 for pattern in patterns or []):
        return "a pattern of tagPatternList may have four wildcards at most"
    if not isinstance(selection.get("countNumber"), int) or selection["countNumber"] < 1:
        return "countNumber must be a positive integer"
    if (count == "imageCountMoreThan") == ("countUnit" in selection):
        return "countUnit goes with every countType but imageCountMoreThan"
    return None
