"""Target groups, with the health checks that their protocol has by default."""

from ministack.services import alb

from additions.elb import attributes

_p = alb._p
_HTTP = ("HTTP", "HTTPS")


def create(p):
    protocol = _p(p, "Protocol", "HTTP")
    check = _p(p, "HealthCheckProtocol") or (protocol if protocol in _HTTP else "TCP")
    if check == "TCP" and protocol in _HTTP:
        return alb._error("ValidationError", f"Health check protocol 'TCP' is not supported by protocol '{protocol}'")
    status, headers, answer = alb._create_tg(p)
    if status != 200:
        return status, headers, answer
    group = next(group for group in alb._tgs.values() if group["TargetGroupName"] == _p(p, "Name"))
    group |= {
        "HealthCheckProtocol": check,
        "HealthCheckTimeoutSeconds": int(_p(p, "HealthCheckTimeoutSeconds") or _timeout(protocol, check)),
        "UnhealthyThresholdCount": int(_p(p, "UnhealthyThresholdCount") or 2),
        "IpAddressType": _p(p, "IpAddressType", "ipv4"),
        "Protocol": protocol,
    }
    if protocol in _HTTP:
        group["ProtocolVersion"] = _p(p, "ProtocolVersion", "HTTP1")
    group.pop("Matcher")
    group.pop("HealthCheckPath")
    _apply_check(group, p)
    alb._tg_attrs[group["TargetGroupArn"]] = attributes.as_list(
        attributes.of_target_group(protocol, group["TargetType"])
    )
    return alb._xml(200, "CreateTargetGroup", f"<TargetGroups>{xml(group)}</TargetGroups>")


def _timeout(protocol: str, check: str) -> int:
    if protocol in _HTTP:
        return 5
    return 6 if check == "HTTP" else 10


def _apply_check(group: dict, p) -> None:
    """Path and matcher belong to checks by HTTP alone."""
    if group["HealthCheckProtocol"] not in _HTTP:
        group.pop("Matcher", None)
        group.pop("HealthCheckPath", None)
        return
    group["HealthCheckPath"] = _p(p, "HealthCheckPath") or group.get("HealthCheckPath", "/")
    code = "200" if group["Protocol"] in _HTTP else "200-399"
    group["Matcher"] = {"HttpCode": _p(p, "Matcher.HttpCode") or group.get("Matcher", {}).get("HttpCode", code)}


def load_balancers_of(arn: str) -> list[str]:
    """ARNs of the load balancers that forward to a target group, by listener or by rule."""
    found = [
        listener["LoadBalancerArn"]
        for listener in alb._listeners.values()
        if any(_forwards_to(action, arn) for action in listener.get("DefaultActions", []))
    ]
    for rule in alb._rules.values():
        listener = alb._listeners.get(rule["ListenerArn"])
        if listener and any(_forwards_to(action, arn) for action in rule.get("Actions", [])):
            found.append(listener["LoadBalancerArn"])
    return list(dict.fromkeys(found))


def _forwards_to(action: dict, arn: str) -> bool:
    groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
    return action.get("TargetGroupArn") == arn or any(group["TargetGroupArn"] == arn for group in groups)


def xml(group: dict) -> str:
    members = (
        "TargetGroupArn",
        "TargetGroupName",
        "Protocol",
        "Port",
        "VpcId",
        "HealthCheckProtocol",
        "HealthCheckPort",
        "HealthCheckEnabled",
        "HealthCheckIntervalSeconds",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "UnhealthyThresholdCount",
        "HealthCheckPath",
        "TargetType",
        "ProtocolVersion",
        "IpAddressType",
    )
    inner = "".join(f"<{member}>{_text(group[member])}</{member}>" for member in members if member in group)
    if group.get("Matcher"):
        inner += f"<Matcher><HttpCode>{group['Matcher']['HttpCode']}</HttpCode></Matcher>"
    arns = "".join(f"<member>{arn}</member>" for arn in load_balancers_of(group["TargetGroupArn"]))
    return f"<member>{inner}<LoadBalancerArns>{arns}</LoadBalancerArns></member>"


def _text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def modify(p):
    group = alb._tgs.get(_p(p, "TargetGroupArn"))
    if group is None:
        return alb._modify_tg(p)
    group.setdefault("Matcher", {})
    alb._modify_tg(p)
    if group["Matcher"] == {}:
        group.pop("Matcher")
    _apply_check(group, p)
    return alb._xml(200, "ModifyTargetGroup", f"<TargetGroups>{xml(group)}</TargetGroups>")


def describe(p):
    lb = _p(p, "LoadBalancerArn")
    wanted = alb._parse_member_list(p, "Names")
    missing = [name for name in wanted if name not in [group["TargetGroupName"] for group in alb._tgs.values()]]
    if missing:
        return alb._error("TargetGroupNotFound", "One or more target groups not found")
    if not lb:
        return alb._describe_tgs(p)
    found = [xml(group) for arn, group in alb._tgs.items() if lb in load_balancers_of(arn)]
    return alb._xml(200, "DescribeTargetGroups", f"<TargetGroups>{''.join(found)}</TargetGroups>")


def delete(p):
    arn = _p(p, "TargetGroupArn")
    if load_balancers_of(arn):
        message = f"Target group '{arn}' is currently in use by a listener or a rule"
        return alb._error("ResourceInUse", message)
    return alb._delete_tg(p) if arn in alb._tgs else alb._empty("DeleteTargetGroup")
