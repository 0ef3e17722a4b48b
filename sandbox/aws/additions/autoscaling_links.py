"""What an Auto Scaling group is tied to: target groups that its instances join, topics that hear of it."""

from xml.sax.saxutils import escape

from ministack.services import alb, autoscaling

from additions.autoscaling import group_missing
from additions.stores import store

_p = autoscaling._p
_notifications = store("autoscaling-notifications")

_KINDS = (
    "autoscaling:EC2_INSTANCE_LAUNCH",
    "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
    "autoscaling:EC2_INSTANCE_TERMINATE",
    "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
    "autoscaling:TEST_NOTIFICATION",
)


def install() -> None:
    describe_groups, delete_group = autoscaling._describe_asgs, autoscaling._delete_asg

    def described(p):
        status, headers, answer = describe_groups(p)
        for name, group in autoscaling._asgs.items():
            arns = "".join(f"<member>{arn}</member>" for arn in group.get("TargetGroupARNs", []))
            start = f"<AutoScalingGroupName>{name}</AutoScalingGroupName><AutoScalingGroupARN>".encode()
            answer = answer.replace(start, f"<TargetGroupARNs>{arns}</TargetGroupARNs>".encode() + start)
        return status, headers, answer

    def deleted(p):
        name = _p(p, "AutoScalingGroupName")
        if name not in autoscaling._asgs:
            return group_missing(name)
        for key in [key for key in _notifications.keys() if key.startswith(f"{name}\0")]:
            _notifications.pop(key, None)
        return delete_group(p)

    autoscaling._ACTION_MAP |= {
        "DescribeAutoScalingGroups": described,
        "DeleteAutoScalingGroup": deleted,
        "AttachLoadBalancerTargetGroups": _of_group(_attach),
        "DetachLoadBalancerTargetGroups": _of_group(_detach),
        "DescribeLoadBalancerTargetGroups": _of_group(_describe_attached),
        "PutNotificationConfiguration": _of_group(_put_notification),
        "DeleteNotificationConfiguration": _of_group(_delete_notification),
        "DescribeNotificationConfigurations": _describe_notifications,
        "DescribeAutoScalingNotificationTypes": _describe_kinds,
    }


def _of_group(handler):
    """A handler that gets the group beside the parameters."""

    def handle(p):
        name = _p(p, "AutoScalingGroupName")
        group = autoscaling._asgs.get(name)
        return handler(p, group) if group else group_missing(name)

    return handle


def _attach(p, group):
    arns = autoscaling._parse_member_list(p, "TargetGroupARNs")
    if any(arn not in alb._tgs for arn in arns):
        message = "Provided Target Groups may not be valid. Please ensure they exist and try again."
        return autoscaling._error("ValidationError", message)
    attached = group.setdefault("TargetGroupARNs", [])
    attached += [arn for arn in arns if arn not in attached]
    return autoscaling._xml(
        200, "AttachLoadBalancerTargetGroupsResponse", "<AttachLoadBalancerTargetGroupsResult/>"
    )


def _detach(p, group):
    arns = autoscaling._parse_member_list(p, "TargetGroupARNs")
    attached = group.get("TargetGroupARNs", [])
    if any(arn not in attached for arn in arns):
        return autoscaling._error("ValidationError", "Trying to remove Target Groups that are not part of the group")
    group["TargetGroupARNs"] = [arn for arn in attached if arn not in arns]
    return autoscaling._xml(
        200, "DetachLoadBalancerTargetGroupsResponse", "<DetachLoadBalancerTargetGroupsResult/>"
    )


def _describe_attached(p, group):
    members = "".join(
        f"<member><LoadBalancerTargetGroupARN>{arn}</LoadBalancerTargetGroupARN><State>InService</State></member>"
        for arn in group.get("TargetGroupARNs", [])
    )
    result = f"<LoadBalancerTargetGroups>{members}</LoadBalancerTargetGroups>"
    return autoscaling._xml(
        200,
        "DescribeLoadBalancerTargetGroupsResponse",
        f"<DescribeLoadBalancerTargetGroupsResult>{result}</DescribeLoadBalancerTargetGroupsResult>",
    )


def _put_notification(p, group):
    kinds = autoscaling._parse_member_list(p, "NotificationTypes")
    unknown = [kind for kind in kinds if kind not in _KINDS]
    if unknown:
        message = f"&quot;{escape(unknown[0])}&quot; is not a valid Notification Type"
        return autoscaling._error("ValidationError", message)
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
        if wanted and group not in wanted:
            continue
        for kind in kinds:
            one = {"AutoScalingGroupName": group, "TopicARN": topic, "NotificationType": kind}
            members += f"<member>{autoscaling._member_xml(one)}</member>"
    result = f"<NotificationConfigurations>{members}</NotificationConfigurations>"
    return autoscaling._xml(
        200,
        "DescribeNotificationConfigurationsResponse",
        f"<DescribeNotificationConfigurationsResult>{result}</DescribeNotificationConfigurationsResult>",
    )


def _describe_kinds(_p):
    kinds = "".join(f"<member>{kind}</member>" for kind in _KINDS)
    result = f"<AutoScalingNotificationTypes>{kinds}</AutoScalingNotificationTypes>"
    return autoscaling._xml(
        200,
        "DescribeAutoScalingNotificationTypesResponse",
        f"<DescribeAutoScalingNotificationTypesResult>{result}</DescribeAutoScalingNotificationTypesResult>",
    )
