"""Load balancers, network ones in particular."""

from xml.sax.saxutils import escape

from ministack.core.responses import get_region
from ministack.services import alb, ec2

from additions.elb import attributes

_p = alb._p

#: Hosted zones of network load balancers. https://docs.aws.amazon.com/general/latest/gr/elb.html
_NETWORK_ZONES = {
    "ap-northeast-1": "Z31USIVHYNEOWT",
    "ap-northeast-2": "ZIBE1TIR4HY56",
    "eu-central-1": "Z3F0SRJ5LGBH90",
    "eu-west-1": "Z2IFOLAFXWLO4F",
    "us-east-1": "Z26RNL4JYFTOTI",
    "us-west-2": "Z18D5FSROUN65G",
}
_APPLICATION_ZONE = "Z35SXDOTRQ7X7K"


def create(p):
    kind = _p(p, "Type", "application")
    mappings = _mappings(p)
    subnets = alb._parse_member_list(p, "Subnets") or [mapping["SubnetId"] for mapping in mappings]
    groups = alb._parse_member_list(p, "SecurityGroups")
    fault = _fault(kind, subnets, groups)
    if fault:
        return fault
    status, headers, answer = alb._create_lb(p)
    if status != 200:
        return status, headers, answer
    old = next(lb["LoadBalancerArn"] for lb in alb._lbs.values() if lb["LoadBalancerName"] == _p(p, "Name"))
    lb = _as_kind(old, kind)
    lb |= {
        "Subnets": subnets,
        "VpcId": ec2._subnets[subnets[0]]["VpcId"],
        "Addresses": {mapping["SubnetId"]: mapping for mapping in mappings},
    }
    alb._lb_attrs[lb["LoadBalancerArn"]] = attributes.as_list(attributes.LOAD_BALANCER[kind])
    return alb._xml(200, "CreateLoadBalancer", f"<LoadBalancers>{xml(lb)}</LoadBalancers>")


def _mappings(p) -> list[dict]:
    mappings, n = [], 1
    while subnet := _p(p, f"SubnetMappings.member.{n}.SubnetId"):
        given = {key: _p(p, f"SubnetMappings.member.{n}.{key}") for key in ("AllocationId", "PrivateIPv4Address")}
        mappings.append({"SubnetId": subnet, **{key: value for key, value in given.items() if value}})
        n += 1
    return mappings


def _fault(kind: str, subnets: list[str], groups: list[str]):
    if kind not in attributes.LOAD_BALANCER:
        return alb._error("ValidationError", f"'{kind}' is not a valid load balancer type")
    if not subnets:
        return alb._error("ValidationError", "At least one subnet must be specified")
    for subnet in subnets:
        if subnet not in ec2._subnets:
            return alb._error("SubnetNotFound", f"The subnet ID '{subnet}' is not valid")
    for group in groups:
        if group not in ec2._security_groups:
            return alb._error("InvalidSecurityGroup", f"One or more security groups are invalid: {group}")
    return None


def _as_kind(arn: str, kind: str) -> dict:
    """Gives a load balancer that ministack has made the ARN and the name that one of its kind has."""
    lb = alb._lbs.pop(arn)
    name, identity = lb["LoadBalancerName"], arn.rsplit("/", 1)[-1]
    if kind == "network":
        lb["LoadBalancerArn"] = arn.replace(":loadbalancer/app/", ":loadbalancer/net/")
        lb["DNSName"] = f"{name}-{identity}.elb.{get_region()}.amazonaws.com"
    alb._lbs[lb["LoadBalancerArn"]] = lb
    alb._tags[lb["LoadBalancerArn"]] = alb._tags.pop(arn)
    alb._lb_attrs.pop(arn, None)
    return lb


def xml(lb: dict) -> str:
    network = lb["Type"] == "network"
    zones = ""
    for subnet_id in lb.get("Subnets", []):
        zone = ec2._subnets.get(subnet_id, {}).get("AvailabilityZone", f"{get_region()}a")
        mapping = lb.get("Addresses", {}).get(subnet_id, {})
        keys = ("AllocationId", "PrivateIPv4Address")
        own = "".join(f"<{key}>{mapping[key]}</{key}>" for key in keys if key in mapping)
        addresses = f"<LoadBalancerAddresses>{f'<member>{own}</member>' if own else ''}</LoadBalancerAddresses>"
        zones += f"<member><ZoneName>{zone}</ZoneName><SubnetId>{subnet_id}</SubnetId>{addresses}</member>"
    groups = "".join(f"<member>{group}</member>" for group in lb.get("SecurityGroups", []))
    zone_id = _NETWORK_ZONES.get(get_region(), _NETWORK_ZONES["us-east-1"]) if network else _APPLICATION_ZONE
    enforced = lb.get("EnforceInbound", "on") if network and groups else ""
    member = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
    return (
        f"<member><LoadBalancerArn>{lb['LoadBalancerArn']}</LoadBalancerArn>"
        f"<DNSName>{lb['DNSName']}</DNSName><CanonicalHostedZoneId>{zone_id}</CanonicalHostedZoneId>"
        f"<CreatedTime>{lb['CreatedTime']}</CreatedTime><LoadBalancerName>{lb['LoadBalancerName']}</LoadBalancerName>"
        f"<Scheme>{lb['Scheme']}</Scheme><VpcId>{lb['VpcId']}</VpcId><State><Code>{lb['State']}</Code></State>"
        f"<Type>{lb['Type']}</Type><AvailabilityZones>{zones}</AvailabilityZones>"
        f"<SecurityGroups>{groups}</SecurityGroups><IpAddressType>{lb['IpAddressType']}</IpAddressType>"
        + (f"<{member}>{enforced}</{member}>" if enforced else "")
        + "</member>"
    )


def delete(p):
    arn = _p(p, "LoadBalancerArn")
    protected = {"Key": "deletion_protection.enabled", "Value": "true"} in alb._lb_attrs.get(arn, [])
    if arn in alb._lbs and protected:
        message = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        return alb._error("OperationNotPermitted", message)
    for listener in [one for one in alb._listeners.values() if one["LoadBalancerArn"] == arn]:
        alb._delete_listener({"ListenerArn": listener["ListenerArn"]})
    return alb._delete_lb(p)


def modify_attributes(p):
    arn = _p(p, "LoadBalancerArn")
    known = {attribute["Key"] for attribute in alb._lb_attrs.get(arn, [])}
    n = 1
    while key := _p(p, f"Attributes.member.{n}.Key"):
        if arn in alb._lbs and key not in known:
            return alb._error("ValidationError", f"Load balancer attribute key '{escape(key)}' is not recognized")
        n += 1
    return alb._modify_lb_attrs(p)


def set_security_groups(p):
    lb = alb._lbs.get(_p(p, "LoadBalancerArn"))
    groups = alb._parse_member_list(p, "SecurityGroups")
    if lb and lb["Type"] == "network" and not (groups and lb.get("SecurityGroups")):
        message = "Security groups are for a load balancer that was created with some, which then always has some"
        return alb._error("InvalidConfigurationRequest", message)
    member = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
    status, headers, answer = alb._set_security_groups(p)
    if lb and lb["Type"] == "network":
        lb["EnforceInbound"] = _p(p, member) or lb.get("EnforceInbound", "on")
        told = f"<{member}>{lb['EnforceInbound']}</{member}></SetSecurityGroupsResult>"
        answer = answer.replace(b"</SetSecurityGroupsResult>", told.encode())
    return status, headers, answer
