"""Security groups: each rule with an id of its own, and none twice."""

import random

from ministack.services import alb, ec2

_p = ec2._p

_SIDES = {"Ingress": "IpPermissions", "Egress": "IpPermissionsEgress"}


def install() -> None:
    ec2._ACTION_MAP |= {
        "DeleteSecurityGroup": _delete,
        "AuthorizeSecurityGroupIngress": _authorize("Ingress", ec2._authorize_sg_ingress),
        "AuthorizeSecurityGroupEgress": _authorize("Egress", ec2._authorize_sg_egress),
        "DescribeSecurityGroupRules": _describe_rules,
        "ModifySecurityGroupRules": _modify_rules,
    }
    ec2._sg_rule_id = _rule_id


def _rules() -> list[dict]:
    return [rule for group in ec2._security_groups.values() for side in _SIDES.values() for rule in group[side]]


def _delete(p):
    group = ec2._security_groups.get(_p(p, "GroupId")) or {}
    own = [id(rule) for side in _SIDES.values() for rule in group.get(side, [])]
    pairs = [pair for rule in _rules() if id(rule) not in own for pair in rule["UserIdGroupPairs"]]
    named = any(pair.get("GroupId") == group.get("GroupId") for pair in pairs)
    if group and (named or any(group["GroupId"] in lb["SecurityGroups"] for lb in alb._lbs.values())):
        return ec2._error("DependencyViolation", f"resource {group['GroupId']} has a dependent object", 400)
    return ec2._delete_security_group(p)


def _rule_id(_group, _is_egress, rule: dict) -> str:
    """Given once, kept whatever the rule becomes, and never given again."""
    if not rule.get("SecurityGroupRuleId"):
        rule["SecurityGroupRuleId"] = f"sgr-{random.randrange(16**17):017x}"
    return rule["SecurityGroupRuleId"]


def _sources(rule: dict) -> set[tuple]:
    """Each source of a rule with its protocol and ports; descriptions do not count."""
    ports = (rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort"))
    peers = [one["CidrIp"] for one in rule["IpRanges"]] + [one.get("GroupId") for one in rule["UserIdGroupPairs"]]
    return {(*ports, peer) for peer in peers}


def _authorize(side: str, authorize):
    def authorized(p):
        group = ec2._security_groups.get(_p(p, "GroupId"))
        known = {source for rule in group[_SIDES[side]] for source in _sources(rule)} if group else set()
        for rule in ec2._parse_ip_permissions(p, "IpPermissions"):
            for protocol, first, last, peer in _sources(rule) & known:
                told = f'"peer: {peer}, {protocol.upper()}, from port: {first}, to port: {last}, ALLOW"'
                return ec2._error("InvalidPermission.Duplicate", f"the specified rule {told} already exists", 400)
        return authorize(p)

    return authorized


def _describe_rules(p):
    known = {_rule_id(None, None, rule) for rule in _rules()}
    for identity in ec2._parse_member_list(p, "SecurityGroupRuleId"):
        if identity not in known:
            message = f"The security group rule ID '{identity}' does not exist"
            return ec2._error("InvalidSecurityGroupRuleId.NotFound", message, 400)
    return ec2._describe_security_group_rules(p)


def _modify_rules(p):
    """What is told of a rule replaces all of it but the kind of its source: what is left out is taken away."""
    base, told = "SecurityGroupRule.1.SecurityGroupRule", dict(p)
    wanted = _p(p, "SecurityGroupRule.1.SecurityGroupRuleId")
    rule = next((rule for rule in _rules() if _rule_id(None, None, rule) == wanted), {})
    kind = "IpRanges" if _p(p, f"{base}.CidrIpv4") else "UserIdGroupPairs"
    if rule and not rule[kind]:
        message = "You may not modify the source type of an existing security group rule"
        return ec2._error("InvalidParameterValue", message, 400)
    told.setdefault(f"{base}.Description", [""])
    if kind == "UserIdGroupPairs":
        told[f"{base}.ReferencedGroupInfo.GroupId"] = told[f"{base}.ReferencedGroupId"]
    return ec2._modify_security_group_rules(told)
