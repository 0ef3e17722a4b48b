"""Security groups: each rule has an id of its own, and none exists twice."""

import random

from additions.refusals import refuse
from ministack.services import ec2

_p = ec2._p

_SIDES = {"Ingress": "IpPermissions", "Egress": "IpPermissionsEgress"}


def install() -> None:
    for direction, side in _SIDES.items():
        refuse(ec2, f"AuthorizeSecurityGroup{direction}", _duplicate(side))
    refuse(ec2, "DescribeSecurityGroupRules", _unknown_rule)
    refuse(ec2, "ModifySecurityGroupRules", _other_source_type)
    ec2._ACTION_MAP["ModifySecurityGroupRules"] = _with_all_members(ec2._ACTION_MAP["ModifySecurityGroupRules"])
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


def _duplicate(side: str):
    def refusal(p):
        group = ec2._security_groups.get(_p(p, "GroupId"))
        known = {source for rule in group[side] for source in _sources(rule)} if group else set()
        for rule in ec2._parse_ip_permissions(p, "IpPermissions"):
            for protocol, first, last, peer in _sources(rule) & known:
                shown = f'"peer: {peer}, {protocol.upper()}, from port: {first}, to port: {last}, ALLOW"'
                return ec2._error("InvalidPermission.Duplicate", f"the specified rule {shown} already exists", 400)
        return None

    return refusal


def _unknown_rule(p):
    known = _rules()
    for identity in ec2._parse_member_list(p, "SecurityGroupRuleId"):
        if identity not in known:
            message = f"The security group rule ID '{identity}' does not exist"
            return ec2._error("InvalidSecurityGroupRuleId.NotFound", message, 400)
    return None


_GIVEN = "SecurityGroupRule.1.SecurityGroupRule"


def _source_type(p) -> str:
    return "IpRanges" if _p(p, f"{_GIVEN}.CidrIpv4") else "UserIdGroupPairs"


def _other_source_type(p):
    rule = _rules().get(_p(p, "SecurityGroupRule.1.SecurityGroupRuleId"))
    if rule and not rule[_source_type(p)]:
        message = "You may not modify the source type of an existing security group rule"
        return ec2._error("InvalidParameterValue", message, 400)
    return None


def _with_all_members(modify):
    """What is given replaces the whole rule: members that are left out are removed."""

    def modified(p):
        full = {f"{_GIVEN}.Description": [""], **p}
        if _source_type(p) == "UserIdGroupPairs":
            full[f"{_GIVEN}.ReferencedGroupInfo.GroupId"] = full[f"{_GIVEN}.ReferencedGroupId"]
        return modify(full)

    return modified
