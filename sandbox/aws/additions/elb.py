"""Elastic Load Balancing: what depends on what."""

from ministack.services import alb, ec2

_p = alb._p


def install() -> None:
    alb._ACTION_MAP |= {
        "CreateLoadBalancer": _create_load_balancer,
        "DeleteLoadBalancer": _delete_load_balancer,
        "DeleteTargetGroup": _delete_target_group,
    }


def _create_load_balancer(p):
    subnets, groups = alb._parse_member_list(p, "Subnets"), alb._parse_member_list(p, "SecurityGroups")
    for subnet in subnets:
        if subnet not in ec2._subnets:
            return alb._error("SubnetNotFound", f"The subnet ID '{subnet}' is not valid")
    for group in groups:
        if group not in ec2._security_groups:
            return alb._error("InvalidSecurityGroup", f"One or more security groups are invalid: {group}")
    status, headers, answer = alb._create_lb(p)
    for lb in alb._lbs.values():
        if status == 200 and lb["LoadBalancerName"] == _p(p, "Name"):
            lb["VpcId"] = ec2._subnets[subnets[0]]["VpcId"]
    return status, headers, answer


def _delete_load_balancer(p):
    arn = _p(p, "LoadBalancerArn")
    if {"Key": "deletion_protection.enabled", "Value": "true"} in alb._lb_attrs.get(arn, []):
        message = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        return alb._error("OperationNotPermitted", message)
    for listener in [one for one in alb._listeners.values() if one["LoadBalancerArn"] == arn]:
        alb._delete_listener({"ListenerArn": listener["ListenerArn"]})
    return alb._delete_lb(p)


def _delete_target_group(p):
    arn = _p(p, "TargetGroupArn")
    actions = [action for listener in alb._listeners.values() for action in listener["DefaultActions"]]
    if any(action.get("TargetGroupArn") == arn for action in actions):
        return alb._error("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")
    return alb._delete_tg(p)
