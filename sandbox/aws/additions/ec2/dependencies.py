"""EC2 deletes nothing that something else needs."""

from additions.refusals import refuse
from ministack.services import alb, ec2, eks


def _nat_gateways(member: str, identity: str) -> list[dict]:
    return [nat for nat in ec2._nat_gateways.values() if nat["State"] != "deleted" and nat[member] == identity]


def _in_vpc(vpc: str) -> list[dict]:
    own = [one for one in ec2._route_tables.values() if not any(each.get("Main") for each in one["Associations"])]
    all_of_them = [*ec2._vpc_endpoints.values(), *alb._lbs.values(), *ec2._subnets.values(), *own]
    return _nat_gateways("VpcId", vpc) + [one for one in all_of_them if one["VpcId"] == vpc]


def _in_subnet(subnet: str) -> list[dict]:
    return [
        *_nat_gateways("SubnetId", subnet),
        *(lb for lb in alb._lbs.values() if subnet in lb["Subnets"]),
        *(one for one in eks._clusters.values() if subnet in one["resourcesVpcConfig"]["subnetIds"]),
        *(one for one in eks._nodegroups.values() if subnet in one["subnets"]),
    ]


def _public_in_vpc(vpc: str) -> list[dict]:
    return _nat_gateways("VpcId", vpc) + [lb for lb in alb._lbs.values() if lb["VpcId"] == vpc]


def _users_of_group(group: str) -> list[dict]:
    others = [one for one in ec2._security_groups.values() if one["GroupId"] != group]
    rules = [rule for one in others for side in ("IpPermissions", "IpPermissionsEgress") for rule in one[side]]
    pairs = [pair for rule in rules for pair in rule["UserIdGroupPairs"] if pair.get("GroupId") == group]
    return pairs + [lb for lb in alb._lbs.values() if group in lb["SecurityGroups"]]


def _member(records, member: str):
    """What a record itself names as its users."""
    return lambda identity: (records.get(identity) or {}).get(member)


#: Action → parameter with the id, and what uses the resource.
_USERS = {
    "DeleteInternetGateway": ("InternetGatewayId", _member(ec2._internet_gateways, "Attachments")),
    "DeleteRouteTable": ("RouteTableId", _member(ec2._route_tables, "Associations")),
    "DeleteSecurityGroup": ("GroupId", _users_of_group),
    "DeleteSubnet": ("SubnetId", _in_subnet),
    "DeleteVpc": ("VpcId", _in_vpc),
    "DetachInternetGateway": ("VpcId", _public_in_vpc),
}


def install() -> None:
    for action, (parameter, users) in _USERS.items():
        refuse(ec2, action, _refusal(parameter, users))


def _refusal(parameter: str, users):
    def refusal(p):
        identity = ec2._p(p, parameter)
        message = f"'{identity}' has dependencies and cannot be deleted or detached."
        return ec2._error("DependencyViolation", message, 400) if users(identity) else None

    return refusal
