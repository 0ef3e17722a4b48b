"""Elastic Load Balancing: what depends on what."""

from ministack.services import alb, ec2

from additions.refusals import given, refuse

_p = alb._p

#: Parameter of a new load balancer, where its ids are looked up, and the code of the error.
_IDS = {
    "Subnets": (ec2._subnets, "SubnetNotFound"),
    "SecurityGroups": (ec2._security_groups, "InvalidSecurityGroup"),
}

_PROTECTED = {"Key": "deletion_protection.enabled", "Value": "true"}


def _has_listener(target_group: str) -> bool:
    actions = [action for listener in alb._listeners.values() for action in listener["DefaultActions"]]
    return any(action.get("TargetGroupArn") == target_group for action in actions)


_ROWS = [
    (
        "DeleteLoadBalancer",
        lambda p: _PROTECTED in alb._lb_attrs.get(p("LoadBalancerArn"), []),
        "OperationNotPermitted",
        "Load balancer '{LoadBalancerArn}' cannot be deleted because deletion protection is enabled",
    ),
    (
        "DeleteTargetGroup",
        lambda p: _has_listener(p("TargetGroupArn")),
        "ResourceInUse",
        "Target group '{TargetGroupArn}' is currently in use by a listener or a rule",
    ),
]


def install() -> None:
    alb._ACTION_MAP |= {"CreateLoadBalancer": _create_load_balancer, "DeleteLoadBalancer": _delete_load_balancer}
    refuse(alb, _ROWS)


def _create_load_balancer(p):
    for parameter, (records, code) in _IDS.items():
        for identity in given(alb, p, parameter):
            if identity not in records:
                return alb._error(code, f"The ID '{identity}' is not valid")
    status, headers, answer = alb._create_lb(p)
    for lb in alb._lbs.values():
        if status == 200 and lb["LoadBalancerName"] == _p(p, "Name"):
            lb["VpcId"] = ec2._subnets[given(alb, p, "Subnets")[0]]["VpcId"]
    return status, headers, answer


def _delete_load_balancer(p):
    arn = _p(p, "LoadBalancerArn")
    for listener in [one for one in alb._listeners.values() if one["LoadBalancerArn"] == arn]:
        alb._delete_listener({"ListenerArn": listener["ListenerArn"]})
    return alb._delete_lb(p)
