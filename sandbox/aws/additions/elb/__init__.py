"""Elastic Load Balancing: network load balancers, and what depends on what."""

from ministack.services import alb

from additions.elb import listeners, load_balancers, target_groups


def install() -> None:
    alb._ACTION_MAP |= {
        "CreateLoadBalancer": load_balancers.create,
        "DeleteLoadBalancer": load_balancers.delete,
        "ModifyLoadBalancerAttributes": load_balancers.modify_attributes,
        "SetSecurityGroups": load_balancers.set_security_groups,
        "CreateTargetGroup": target_groups.create,
        "ModifyTargetGroup": target_groups.modify,
        "DeleteTargetGroup": target_groups.delete,
        "DescribeTargetGroups": target_groups.describe,
        "CreateListener": listeners.create,
        "ModifyListener": listeners.modify,
        "DescribeListeners": listeners.describe,
    }
    alb._lb_xml = load_balancers.xml
    alb._tg_xml = target_groups.xml
    alb._action_xml = listeners.with_forwarding(alb._action_xml)
    alb._listener_xml = listeners.with_alpn(alb._listener_xml)
