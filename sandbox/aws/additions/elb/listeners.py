"""Listeners."""

import re

from ministack.services import alb

from additions.elb import attributes

_p = alb._p
_POLICY = re.compile(r"ELBSecurityPolicy-[\w-]+")


def create(p):
    lb = alb._lbs.get(_p(p, "LoadBalancerArn"))
    if lb is None:
        return alb._create_listener(p)
    port, protocol = int(_p(p, "Port") or 0), _p(p, "Protocol")
    if any(
        listener["LoadBalancerArn"] == lb["LoadBalancerArn"] and listener["Port"] == port
        for listener in alb._listeners.values()
    ):
        message = f"A listener already exists on this port for this load balancer '{port}'"
        return alb._error("DuplicateListener", message)
    actions = _actions(p)
    fault = _fault(p, protocol, alb._parse_certificate_arns(p), actions)
    if fault:
        return fault
    before = set(alb._listeners.keys())
    status, headers, answer = alb._create_listener(p)
    if status != 200:
        return status, headers, answer
    listener = _as_kind(next(arn for arn in alb._listeners.keys() if arn not in before), lb["Type"])
    alb._listener_attrs[listener["ListenerArn"]] = attributes.as_list(attributes.of_listener(protocol))
    _apply(listener, actions, p)
    return alb._xml(200, "CreateListener", f"<Listeners>{alb._listener_xml(listener)}</Listeners>")


def _fault(p, protocol: str, certificates: list[str], actions: list[dict]):
    if protocol in alb._SECURE_PROTOCOLS and not certificates:
        return alb._error("ValidationError", f"A certificate must be specified for {protocol} listeners")
    policy = _p(p, "SslPolicy")
    if policy and not _POLICY.fullmatch(policy):
        return alb._error("SSLPolicyNotFound", f"SSL policy '{policy}' not found")
    for action in actions:
        for group in _groups(action):
            if group not in alb._tgs:
                return alb._error("TargetGroupNotFound", f"Target group '{group}' not found")
    return None


def _groups(action: dict) -> list[str]:
    return [group["TargetGroupArn"] for group in action.get("ForwardConfig", {}).get("TargetGroups", [])]


def _actions(p) -> list[dict]:
    """The default actions, with the forwarding that ministack leaves out. Either form of it means both."""
    actions = alb._parse_actions(p, "DefaultActions")
    for n, action in enumerate(actions, 1):
        if action["Type"] != "forward":
            continue
        prefix = f"DefaultActions.member.{n}.ForwardConfig"
        groups, m = [], 1
        while arn := _p(p, f"{prefix}.TargetGroups.member.{m}.TargetGroupArn"):
            weight = int(_p(p, f"{prefix}.TargetGroups.member.{m}.Weight") or 1)
            groups.append({"TargetGroupArn": arn, "Weight": weight})
            m += 1
        if not groups and "TargetGroupArn" in action:
            groups = [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}]
        sticky = _p(p, f"{prefix}.TargetGroupStickinessConfig.Enabled") == "true"
        action["ForwardConfig"] = {"TargetGroups": groups, "TargetGroupStickinessConfig": {"Enabled": sticky}}
        if len(groups) == 1:
            action["TargetGroupArn"] = groups[0]["TargetGroupArn"]
    return actions


def _as_kind(arn: str, kind: str) -> dict:
    """Gives a listener that ministack has made, and its rule, the ARNs that those of a network load balancer have."""
    listener = alb._listeners.pop(arn)
    rules = [alb._rules.pop(key) for key, rule in alb._rules.items() if rule["ListenerArn"] == arn]
    tags = alb._tags.pop(arn, [])
    alb._listener_attrs.pop(arn, None)
    if kind == "network":
        listener["ListenerArn"] = arn.replace(":listener/app/", ":listener/net/")
    for rule in rules:
        rule["ListenerArn"] = listener["ListenerArn"]
        rule["RuleArn"] = rule["RuleArn"].replace(":listener-rule/app/", f":listener-rule/{kind[:3]}/")
        alb._rules[rule["RuleArn"]] = rule
    alb._listeners[listener["ListenerArn"]] = listener
    alb._tags[listener["ListenerArn"]] = tags
    return listener


def _apply(listener: dict, actions: list[dict], p) -> None:
    if actions:
        listener["DefaultActions"] = actions
        for rule in alb._rules.values():
            if rule["ListenerArn"] == listener["ListenerArn"] and rule["IsDefault"]:
                rule["Actions"] = actions
    policies = alb._parse_member_list(p, "AlpnPolicy")
    if policies:
        listener["AlpnPolicy"] = policies
    if listener["Protocol"] != "TLS":
        listener.pop("AlpnPolicy", None)


def modify(p):
    listener = alb._listeners.get(_p(p, "ListenerArn"))
    if listener is None:
        return alb._modify_listener(p)
    actions = _actions(p)
    protocol = _p(p, "Protocol") or listener["Protocol"]
    certificates = alb._parse_certificate_arns(p) or listener.get("Certificates", [])
    fault = _fault(p, protocol, certificates, actions)
    if fault:
        return fault
    status, headers, answer = alb._modify_listener(p)
    if status != 200:
        return status, headers, answer
    _apply(listener, actions, p)
    return alb._xml(200, "ModifyListener", f"<Listeners>{alb._listener_xml(listener)}</Listeners>")


def describe(p):
    lb = _p(p, "LoadBalancerArn")
    if lb and lb not in alb._lbs:
        return alb._error("LoadBalancerNotFound", f"One or more load balancers not found: '{lb}'")
    for arn in alb._parse_member_list(p, "ListenerArns"):
        if arn not in alb._listeners:
            return alb._error("ListenerNotFound", f"One or more listeners not found: '{arn}'")
    return alb._describe_listeners(p)


def with_forwarding(action_xml):
    def rendered(action: dict) -> str:
        config = action.get("ForwardConfig")
        if config is None:
            return action_xml(action)
        groups = "".join(
            f"<member><TargetGroupArn>{group['TargetGroupArn']}</TargetGroupArn>"
            f"<Weight>{group['Weight']}</Weight></member>"
            for group in config["TargetGroups"]
        )
        sticky = str(config["TargetGroupStickinessConfig"]["Enabled"]).lower()
        inner = (
            f"<ForwardConfig><TargetGroups>{groups}</TargetGroups><TargetGroupStickinessConfig>"
            f"<Enabled>{sticky}</Enabled></TargetGroupStickinessConfig></ForwardConfig>"
        )
        return action_xml(action).replace("</member>", f"{inner}</member>")

    return rendered


def with_alpn(listener_xml):
    def rendered(listener: dict) -> str:
        policies = "".join(f"<member>{policy}</member>" for policy in listener.get("AlpnPolicy", []))
        end = f"<AlpnPolicy>{policies}</AlpnPolicy></member>" if policies else "</member>"
        return listener_xml(listener).removesuffix("</member>") + end

    return rendered
