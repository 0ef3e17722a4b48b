"""Elastic Load Balancing: what depends on what."""

from additions.refusals import given, refuse
from ministack.services import alb, ec2

_p = alb._p

#: Parameter of a new load balancer, where ids are looked up, and the code of the error.
_IDS = {
    "Subnets": (ec2._subnets, "SubnetNotFound"),
    "SecurityGroups": (ec2._security_groups, "InvalidSecurityGroup"),
}


def install() -> None:
    alb._ACTION_MAP |= {"CreateLoadBalancer": _create_load_balancer, "DeleteLoadBalancer": _delete_load_balancer}
    refuse(alb, "CreateLoadBalancer", _unknown_id)
    refuse(alb, "DeleteLoadBalancer", _protected)
    refuse(alb, "DeleteTargetGroup", _in_use)


def _unknown_id(p):
    for parameter, (records, code) in _IDS.items():
        for identity in given(alb, p, parameter):
            if identity not in records:
                return alb._error(code, f"The ID '{identity}' is not valid")
    return None


def _create_load_balancer(p):
    status, headers, answer = alb._create_lb(p)
    for lb in alb._lbs.values():
        if status == 200 and lb["LoadBalancerName"] == _p(p, "Name"):
            lb["VpcId"] = ec2._subnets[given(alb, p, "Subnets")[0]]["VpcId"]
    return status, headers, answer


def _protected(p):
    arn = _p(p, "LoadBalancerArn")
    if {"Key": "deletion_protection.enabled", "Value": "true"} in alb._lb_attrs.get(arn, []):
        message = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        return alb._error("OperationNotPermitted", message)
    return None


def _delete_load_balancer(p):
    arn = _p(p, "LoadBalancerArn")
    for listener in [one for one in alb._listeners.values() if one["LoadBalancerArn"] == arn]:
        alb._delete_listener({"ListenerArn": listener["ListenerArn"]})
    return alb._delete_lb(p)


def _in_use(p):
    arn = _p(p, "TargetGroupArn")
    actions = [action for listener in alb._listeners.values() for action in listener["DefaultActions"]]
    if any(action.get("TargetGroupArn") == arn for action in actions):
        return alb._error("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")
    return None
