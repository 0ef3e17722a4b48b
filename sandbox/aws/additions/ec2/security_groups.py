"""Security groups: each rule with an id of its own, and none twice."""

import random

from ministack.services import alb, ec2

_p = ec2._p

#: Numbers by which protocols may be given, and the names that they are told by.
_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
_SIDES = {"Ingress": "IpPermissions", "Egress": "IpPermissionsEgress"}


def install() -> None:
    ec2._ACTION_MAP |= {
        "CreateSecurityGroup": _create,
        "DeleteSecurityGroup": _delete,
        "AuthorizeSecurityGroupIngress": _authorize("Ingress", ec2._authorize_sg_ingress),
        "AuthorizeSecurityGroupEgress": _authorize("Egress", ec2._authorize_sg_egress),
        "DescribeSecurityGroupRules": _describe_rules,
        "ModifySecurityGroupRules": _modify_rules,
    }
    ec2._parse_ip_permissions = _with_prefix_lists(ec2._parse_ip_permissions)
    ec2._sg_rule_id = _rule_id
    ec2._sg_rule_xml = _with_prefix_list(ec2._sg_rule_xml)


def _create(p):
    vpc = _p(p, "VpcId")
    if vpc and vpc not in ec2._vpcs:
        return ec2._error("InvalidVpcID.NotFound", f"The vpc ID '{vpc}' does not exist", 400)
    return ec2._create_security_group(p)


def _delete(p):
    group = _p(p, "GroupId")
    named = any(
        pair.get("GroupId") == group
        for other in ec2._security_groups.values()
        if other["GroupId"] != group
        for side in _SIDES.values()
        for rule in other[side]
        for pair in rule.get("UserIdGroupPairs", [])
    )
    used = any(group in lb.get("SecurityGroups", []) for lb in alb._lbs.values())
    if group in ec2._security_groups and (named or used):
        return ec2._error("DependencyViolation", f"resource {group} has a dependent object", 400)
    return ec2._delete_security_group(p)


def _with_prefix_lists(parse):
    def parsed(params, prefix):
        rules = parse(params, prefix)
        for n, rule in enumerate(rules, 1):
            rule["IpProtocol"] = _PROTOCOLS.get(rule["IpProtocol"], rule["IpProtocol"])
            m = 1
            while identity := _p(params, f"{prefix}.{n}.PrefixListIds.{m}.PrefixListId"):
                description = _p(params, f"{prefix}.{n}.PrefixListIds.{m}.Description")
                entry = {"PrefixListId": identity, **({"Description": description} if description else {})}
                rule["PrefixListIds"].append(entry)
                m += 1
        return rules

    return parsed


def _rule_id(_group, _is_egress, rule: dict) -> str:
    """Given once, kept whatever the rule becomes, and never given again."""
    if not rule.get("SecurityGroupRuleId"):
        rule["SecurityGroupRuleId"] = f"sgr-{random.randrange(16**17):017x}"
    return rule["SecurityGroupRuleId"]


def _sources(rule: dict) -> set[tuple]:
    """Each source of a rule with its protocol and ports; descriptions do not count."""
    ports = (rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort"))
    members = (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("PrefixListIds", "PrefixListId"))
    sources = {(*ports, entry[key]) for member, key in members for entry in rule.get(member, [])}
    return sources | {(*ports, pair.get("GroupId")) for pair in rule.get("UserIdGroupPairs", [])}


def _authorize(side: str, authorize):
    def authorized(p):
        group = ec2._security_groups.get(_p(p, "GroupId"))
        known = {source for rule in group[_SIDES[side]] for source in _sources(rule)} if group else set()
        for rule in ec2._parse_ip_permissions(p, "IpPermissions"):
            for protocol, first, last, peer in _sources(rule) & known:
                ports = "ALL" if protocol == "-1" else f"from port: {first}, to port: {last}"
                told = f'"peer: {peer}, {protocol.upper()}, {ports}, ALLOW"'
                return ec2._error("InvalidPermission.Duplicate", f"the specified rule {told} already exists", 400)
        return authorize(p)

    return authorized


def _with_prefix_list(render):
    def rendered(group_id, rule, is_egress=False):
        text = render(group_id, rule, is_egress)
        lists = [entry["PrefixListId"] for entry in rule.get("PrefixListIds", [])]
        return text.replace("</toPort>", f"</toPort><prefixListId>{lists[0]}</prefixListId>") if lists else text

    return rendered


def _describe_rules(p):
    known = {
        _rule_id(None, None, rule)
        for group in ec2._security_groups.values()
        for side in _SIDES.values()
        for rule in group[side]
    }
    for identity in ec2._parse_member_list(p, "SecurityGroupRuleId"):
        if identity not in known:
            message = f"The security group rule ID '{identity}' does not exist"
            return ec2._error("InvalidSecurityGroupRuleId.NotFound", message, 400)
    return ec2._describe_security_group_rules(p)


#: How a rule's source is told, and where the rule has it.
_KINDS = {
    "CidrIpv4": "IpRanges",
    "CidrIpv6": "Ipv6Ranges",
    "PrefixListId": "PrefixListIds",
    "ReferencedGroupId": "UserIdGroupPairs",
}


def _modify_rules(p):
    """What is told of a rule replaces all of it but the kind of its source: what is left out is taken away."""
    group = ec2._security_groups.get(_p(p, "GroupId"))
    rules = [rule for side in _SIDES.values() for rule in group[side]] if group else []
    n, told = 1, dict(p)
    while identity := _p(p, f"SecurityGroupRule.{n}.SecurityGroupRuleId"):
        base = f"SecurityGroupRule.{n}.SecurityGroupRule"
        rule = next((rule for rule in rules if _rule_id(None, None, rule) == identity), None)
        kind = next((member for member in _KINDS if _p(p, f"{base}.{member}")), None)
        if rule and kind and not rule.get(_KINDS[kind]):
            message = "You may not modify the source type of an existing security group rule"
            return ec2._error("InvalidParameterValue", message, 400)
        told.setdefault(f"{base}.Description", [""])
        if kind == "ReferencedGroupId":
            told[f"{base}.ReferencedGroupInfo.GroupId"] = told[f"{base}.{kind}"]
        if rule:
            for member in ("FromPort", "ToPort"):
                if not _p(p, f"{base}.{member}"):
                    rule.pop(member, None)
        n += 1
    return ec2._modify_security_group_rules(told)
