"""Security groups: each rule has an id of its own, and none exists twice."""

import random

from ministack.services import ec2

_p = ec2._p

_SIDES = {"Ingress": "IpPermissions", "Egress": "IpPermissionsEgress"}


def install() -> None:
    for direction, side in _SIDES.items():
        action = f"AuthorizeSecurityGroup{direction}"
        ec2._ACTION_MAP[action] = _without_duplicates(side, ec2._ACTION_MAP[action])
    ec2._ACTION_MAP |= {"DescribeSecurityGroupRules": _describe_rules, "ModifySecurityGroupRules": _modify_rules}
    ec2._sg_rule_id = _rule_id


def _rules() -> dict[str, dict]:
    every = [rule for group in ec2._security_groups.values() for side in _SIDES.values() for rule in group[side]]
    return {_rule_id(None, None, rule): rule for rule in every}


def _rule_id(_group, _is_egress, rule: dict) -> str:
    """Given once, kept when the rule changes, and never given again."""
    if not rule.get("SecurityGroupRuleId"):
        rule["SecurityGroupRuleId"] = f"sgr-{random.randrange(16**17):017x}"
    return rule["SecurityGroupRuleId"]


def _sources(rule: dict) -> set[tuple]:
    """Each source of a rule with its protocol and ports; descriptions do not count."""
    ports = (rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort"))
    peers = [one["CidrIp"] for one in rule["IpRanges"]] + [one.get("GroupId") for one in rule["UserIdGroupPairs"]]
    return {(*ports, peer) for peer in peers}


def _without_duplicates(side: str, authorize):
    def authorized(p):
        group = ec2._security_groups.get(_p(p, "GroupId"))
        known = {source for rule in group[side] for source in _sources(rule)} if group else set()
        for rule in ec2._parse_ip_permissions(p, "IpPermissions"):
            for protocol, first, last, peer in _sources(rule) & known:
                shown = f'"peer: {peer}, {protocol.upper()}, from port: {first}, to port: {last}, ALLOW"'
                return ec2._error("InvalidPermission.Duplicate", f"the specified rule {shown} already exists", 400)
        return authorize(p)

    return authorized


def _describe_rules(p):
    known = _rules()
    for identity in ec2._parse_member_list(p, "SecurityGroupRuleId"):
        if identity not in known:
            message = f"The security group rule ID '{identity}' does not exist"
            return ec2._error("InvalidSecurityGroupRuleId.NotFound", message, 400)
    return ec2._describe_security_group_rules(p)


def _modify_rules(p):
    """The given rule replaces the old one, whose kind of source must stay: members that are left out are removed."""
    base = "SecurityGroupRule.1.SecurityGroupRule"
    full = {f"{base}.Description": [""], **p}
    kind = "IpRanges" if _p(p, f"{base}.CidrIpv4") else "UserIdGroupPairs"
    rule = _rules().get(_p(p, "SecurityGroupRule.1.SecurityGroupRuleId"))
    if rule and not rule[kind]:
        message = "You may not modify the source type of an existing security group rule"
        return ec2._error("InvalidParameterValue", message, 400)
    if kind == "UserIdGroupPairs":
        full[f"{base}.ReferencedGroupInfo.GroupId"] = full[f"{base}.ReferencedGroupId"]
    return ec2._modify_security_group_rules(full)
