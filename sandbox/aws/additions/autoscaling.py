"""Auto Scaling: scaling policies as AWS keeps them, and groups that move when an alarm says so."""

import math
import re
import time
from xml.sax.saxutils import escape

from ministack.core.responses import new_uuid
from ministack.services import autoscaling, cloudwatch, sns

from additions.stores import store

_p = autoscaling._p
_notifications = store("autoscaling-notifications")
_activities = store("autoscaling-activities")

LAUNCHED = "autoscaling:EC2_INSTANCE_LAUNCH"
TERMINATED = "autoscaling:EC2_INSTANCE_TERMINATE"


def install() -> None:
    autoscaling._ACTION_MAP |= {
        "PutScalingPolicy": _put_policy,
        "DescribePolicies": _describe_policies,
        "DeletePolicy": _delete_policy,
        "ExecutePolicy": _execute_policy,
        "DescribeScalingActivities": _describe_activities,
    }
    autoscaling._reconcile_instances = _announced(autoscaling._reconcile_instances)
    cloudwatch._dispatch_alarm_actions = _with_policies(cloudwatch._dispatch_alarm_actions)


def group_missing(name: str):
    """As AWS words it where a group is not there."""
    message = f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"
    return autoscaling._error("ValidationError", escape(message))


def _put_policy(p):
    name, policy = _p(p, "AutoScalingGroupName"), _p(p, "PolicyName")
    if name not in autoscaling._asgs:
        return autoscaling._error("ValidationError", f"Group {escape(name)} not found")
    key = f"{name}/{policy}"
    old = autoscaling._policies.get(key)
    status, headers, answer = autoscaling._put_scaling_policy(p)
    record = autoscaling._policies.get(key)
    if status != 200 or record is None:
        return status, headers, answer
    if record["PolicyType"] == "StepScaling":
        record.setdefault("MetricAggregationType", "Average")
    if record["PolicyType"] == "SimpleScaling" and not _p(p, "Cooldown"):
        record.pop("Cooldown", None)
    if old:
        # Alarms name the policy by it.
        answer = answer.replace(record["PolicyARN"].encode(), old["PolicyARN"].encode())
        record["PolicyARN"] = old["PolicyARN"]
    return status, headers, answer


def _describe_policies(p):
    wanted = autoscaling._parse_member_list(p, "PolicyNames")
    kinds = autoscaling._parse_member_list(p, "PolicyTypes")
    group = _p(p, "AutoScalingGroupName")
    if group and group not in autoscaling._asgs:
        return autoscaling._error("ValidationError", f"Group {escape(group)} not found")
    members = ""
    for policy in autoscaling._policies.values():
        if group and policy["AutoScalingGroupName"] != group:
            continue
        if wanted and not {policy["PolicyName"], policy["PolicyARN"]} & set(wanted):
            continue
        if kinds and policy["PolicyType"] not in kinds:
            continue
        body = {"StepAdjustments": [], **policy, "Alarms": _alarms(policy)}
        members += f"<member>{autoscaling._member_xml(body)}</member>"
    result = f"<DescribePoliciesResult><ScalingPolicies>{members}</ScalingPolicies></DescribePoliciesResult>"
    return autoscaling._xml(200, "DescribePoliciesResponse", result)


def _alarms(policy: dict) -> list[dict]:
    members = ("AlarmActions", "OKActions", "InsufficientDataActions")
    return [
        {"AlarmName": alarm["AlarmName"], "AlarmARN": alarm["AlarmArn"]}
        for alarm in cloudwatch._alarms.values()
        if any(policy["PolicyARN"] in (alarm.get(member) or []) for member in members)
    ]


def _find_policy(group: str, name: str) -> dict | None:
    for policy in autoscaling._policies.values():
        if policy["PolicyARN"] == name or (policy["PolicyName"], policy["AutoScalingGroupName"]) == (name, group):
            return policy
    return None


def _delete_policy(p):
    group, name = _p(p, "AutoScalingGroupName"), _p(p, "PolicyName")
    policy = _find_policy(group, name)
    if policy is None:
        return autoscaling._error("ValidationError", f"No scaling policy found named {escape(name)}")
    return autoscaling._delete_policy(
        {"AutoScalingGroupName": policy["AutoScalingGroupName"], "PolicyName": policy["PolicyName"]}
    )


def _execute_policy(p):
    policy = _find_policy(_p(p, "AutoScalingGroupName"), _p(p, "PolicyName"))
    if policy is None:
        return autoscaling._error("ValidationError", f"No scaling policy found named {escape(_p(p, 'PolicyName'))}")
    breach = float(_p(p, "MetricValue") or 0) - float(_p(p, "BreachThreshold") or 0)
    _scale(policy, breach, "a user request")
    return autoscaling._xml(200, "ExecutePolicyResponse", "")


def _scale(policy: dict, breach: float, cause: str) -> None:
    """Does what the policy says for a metric that is `breach` beyond its threshold."""
    group = autoscaling._asgs.get(policy["AutoScalingGroupName"])
    if group is None or not policy.get("Enabled", True):
        return
    change = _adjustment(policy, breach)
    old = group["DesiredCapacity"]
    if policy["AdjustmentType"] == "ExactCapacity":
        wanted = change
    elif policy["AdjustmentType"] == "PercentChangeInCapacity":
        exact = old * change / 100
        wanted = old + int(math.copysign(max(1, abs(exact)), exact))
    else:
        wanted = old + change
    group["DesiredCapacity"] = min(max(wanted, group["MinSize"]), group["MaxSize"])
    if group["DesiredCapacity"] != old:
        change = f"changing the desired capacity from {old} to {wanted}"
        group["_cause"] = f"{cause} of policy {policy['PolicyName']} {change}"
        autoscaling._reconcile_instances(group)


def _adjustment(policy: dict, breach: float) -> int:
    if policy["PolicyType"] == "SimpleScaling":
        return policy["ScalingAdjustment"]
    for step in policy.get("StepAdjustments", []):
        lower, upper = step.get("MetricIntervalLowerBound"), step.get("MetricIntervalUpperBound")
        if (lower is None or breach >= lower) and (upper is None or breach < upper):
            return step["ScalingAdjustment"]
    return 0


def _with_policies(dispatch):
    """Alarms reach topics by ministack; those that name a scaling policy move its group too."""

    def dispatched(alarm, old_state, new_state, reason):
        dispatch(alarm, old_state, new_state, reason)
        member = {"ALARM": "AlarmActions", "OK": "OKActions"}.get(new_state)
        if not alarm.get("ActionsEnabled", True) or member is None:
            return
        for arn in alarm.get(member) or []:
            policy = _find_policy("", arn) if ":scalingPolicy:" in arn else None
            if policy:
                # SetAlarmState tells no value: the alarm's own threshold is taken to be just reached.
                value = re.search(r"datapoints? .*?\[([\d.]+)", reason or "")
                breach = float(value.group(1)) - float(alarm.get("Threshold", 0)) if value else 0.0
                _scale(policy, breach, f"a monitor alarm {alarm['AlarmName']} in state {new_state} triggered execution")

    return dispatched


def _announced(reconcile):
    """Instances that come and go are activities, and are told to the topics that asked."""

    def reconciled(group):
        before = {instance["InstanceId"]: instance for instance in group["Instances"]}
        reconcile(group)
        after = {instance["InstanceId"]: instance for instance in group["Instances"]}
        cause = group.pop("_cause", "a user request")
        for instance_id in sorted(after.keys() - before.keys()):
            _announce(group, LAUNCHED, instance_id, "Launching a new EC2 instance", cause)
        for instance_id in sorted(before.keys() - after.keys()):
            _announce(group, TERMINATED, instance_id, "Terminating EC2 instance", cause)

    return reconciled


def _announce(group: dict, event: str, instance_id: str, what: str, cause: str) -> None:
    name, now = group["AutoScalingGroupName"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    activity = {
        "ActivityId": new_uuid(),
        "AutoScalingGroupName": name,
        "Description": f"{what}: {instance_id}",
        "Cause": f"At {now} {cause}.",
        "StartTime": now,
        "EndTime": now,
        "StatusCode": "Successful",
        "Progress": 100,
    }
    _activities[name] = [activity, *_activities.get(name, [])][:100]
    verb = "launch" if event == LAUNCHED else "termination"
    message = {
        **activity,
        "Service": "AWS Auto Scaling",
        "Event": event,
        "EC2InstanceId": instance_id,
        "AutoScalingGroupARN": group["AutoScalingGroupARN"],
    }
    for key, kinds in _notifications.items():
        asked, topic = key.split("\0")
        if asked == name and event in kinds:
            sns.publish_internal(topic, message, f'Auto Scaling: {verb} for group "{name}"'[:100])


def _describe_activities(p):
    name = _p(p, "AutoScalingGroupName")
    groups = [name] if name else list(_activities.keys())
    activities = [activity for group in groups for activity in _activities.get(group, [])]
    members = "".join(f"<member>{autoscaling._member_xml(activity)}</member>" for activity in activities)
    result = f"<DescribeScalingActivitiesResult><Activities>{members}</Activities></DescribeScalingActivitiesResult>"
    return autoscaling._xml(200, "DescribeScalingActivitiesResponse", result)
