"""Auto Scaling: policies that keep their ARN, and the target groups and notifications of groups."""

from xml.sax.saxutils import escape

from ministack.services import alb, autoscaling

from additions.stores import store

_p = autoscaling._p
_notifications = store("autoscaling-notifications")


def install() -> None:
    autoscaling._ACTION_MAP |= {
        "PutScalingPolicy": _put_policy,
        "DeletePolicy": _delete_policy,
        "DescribeAutoScalingGroups": _with_target_groups(autoscaling._describe_asgs),
        "DeleteAutoScalingGroup": _of_group(_delete_group),
        "AttachLoadBalancerTargetGroups": _of_group(_attach),
        "DetachLoadBalancerTargetGroups": _of_group(_detach),
        "PutNotificationConfiguration": _of_group(_put_notification),
        "DeleteNotificationConfiguration": _of_group(_delete_notification),
        "DescribeNotificationConfigurations": _describe_notifications,
    }


def _of_group(handler):
    """A handler that also gets the group."""

    def handle(p):
        name = _p(p, "AutoScalingGroupName")
        group = autoscaling._asgs.get(name)
        message = f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"
        return handler(p, group) if group else autoscaling._error("ValidationError", escape(message))

    return handle


def _put_policy(p):
    """Alarms name a policy by its ARN, which ministack would change."""
    group = _p(p, "AutoScalingGroupName")
    if group not in autoscaling._asgs:
        return autoscaling._error("ValidationError", f"Group {escape(group)} not found")
    key = f"{group}/{_p(p, 'PolicyName')}"
    old = autoscaling._policies.get(key)
    status, headers, answer = autoscaling._put_scaling_policy(p)
    if old and status == 200:
        record = autoscaling._policies[key]
        answer = answer.replace(record["PolicyARN"].encode(), old["PolicyARN"].encode())
        record["PolicyARN"] = old["PolicyARN"]
    return status, headers, answer


def _delete_policy(p):
    if f"{_p(p, 'AutoScalingGroupName')}/{_p(p, 'PolicyName')}" not in autoscaling._policies:
        return autoscaling._error("ValidationError", f"No scaling policy found named {escape(_p(p, 'PolicyName'))}")
    return autoscaling._delete_policy(p)


def _with_target_groups(describe):
    def described(p):
        status, headers, answer = describe(p)
        for name, group in autoscaling._asgs.items():
            arns = "".join(f"<member>{arn}</member>" for arn in group.get("TargetGroupARNs", []))
            start = f"<AutoScalingGroupName>{name}</AutoScalingGroupName><AutoScalingGroupARN>".encode()
            answer = answer.replace(start, f"<TargetGroupARNs>{arns}</TargetGroupARNs>".encode() + start)
        return status, headers, answer

    return described


def _delete_group(p, group):
    for key in [key for key in _notifications.keys() if key.startswith(f"{group['AutoScalingGroupName']}\0")]:
        _notifications.pop(key, None)
    return autoscaling._delete_asg(p)


def _attach(p, group):
    arns = autoscaling._parse_member_list(p, "TargetGroupARNs")
    if any(arn not in alb._tgs for arn in arns):
        message = "Provided Target Groups may not be valid. Please ensure they exist and try again."
        return autoscaling._error("ValidationError", message)
    attached = group.setdefault("TargetGroupARNs", [])
    attached += [arn for arn in arns if arn not in attached]
    return autoscaling._xml(200, "AttachLoadBalancerTargetGroupsResponse", "<AttachLoadBalancerTargetGroupsResult/>")


def _detach(p, group):
    arns = autoscaling._parse_member_list(p, "TargetGroupARNs")
    attached = group.get("TargetGroupARNs", [])
    if any(arn not in attached for arn in arns):
        return autoscaling._error("ValidationError", "Trying to remove Target Groups that are not part of the group")
    group["TargetGroupARNs"] = [arn for arn in attached if arn not in arns]
    return autoscaling._xml(200, "DetachLoadBalancerTargetGroupsResponse", "<DetachLoadBalancerTargetGroupsResult/>")


def _put_notification(p, group):
    kinds = autoscaling._parse_member_list(p, "NotificationTypes")
    _notifications[f"{group['AutoScalingGroupName']}\0{_p(p, 'TopicARN')}"] = kinds
    return autoscaling._xml(200, "PutNotificationConfigurationResponse", "")


def _delete_notification(p, group):
    _notifications.pop(f"{group['AutoScalingGroupName']}\0{_p(p, 'TopicARN')}", None)
    return autoscaling._xml(200, "DeleteNotificationConfigurationResponse", "")


def _describe_notifications(p):
    wanted = autoscaling._parse_member_list(p, "AutoScalingGroupNames")
    members = ""
    for key, kinds in _notifications.items():
        group, topic = key.split("\0")
        for kind in kinds if not wanted or group in wanted else []:
            one = {"AutoScalingGroupName": group, "TopicARN": topic, "NotificationType": kind}
            members += f"<member>{autoscaling._member_xml(one)}</member>"
    result = f"<NotificationConfigurations>{members}</NotificationConfigurations>"
    result = f"<DescribeNotificationConfigurationsResult>{result}</DescribeNotificationConfigurationsResult>"
    return autoscaling._xml(200, "DescribeNotificationConfigurationsResponse", result)
