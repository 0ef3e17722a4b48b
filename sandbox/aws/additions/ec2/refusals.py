"""What EC2 refuses besides unknown ids: to delete what is in use, and to create something twice or wrongly."""

import ipaddress

from ministack.services import alb, ec2, eks

from additions.refusals import refuse


def _nat_gateways(member: str, identity: str) -> list[dict]:
    return [nat for nat in ec2._nat_gateways.values() if nat["State"] != "deleted" and nat[member] == identity]


def _associations() -> list[dict]:
    return [one for table in ec2._route_tables.values() for one in table["Associations"]]


def _has_route(p) -> bool:
    routes = ec2._route_tables.get(p("RouteTableId"), {}).get("Routes", [])
    return any(one.get("DestinationCidrBlock") == p("DestinationCidrBlock") for one in routes)


def _in_vpc(vpc: str) -> list[dict]:
    own = [one for one in ec2._route_tables.values() if not any(each.get("Main") for each in one["Associations"])]
    others = [*ec2._vpc_endpoints.values(), *alb._lbs.values(), *ec2._subnets.values(), *own]
    return _nat_gateways("VpcId", vpc) + [one for one in others if one["VpcId"] == vpc]


def _in_subnet(subnet: str) -> list[dict]:
    return [
        *_nat_gateways("SubnetId", subnet),
        *(lb for lb in alb._lbs.values() if subnet in lb["Subnets"]),
        *(one for one in eks._clusters.values() if subnet in one["resourcesVpcConfig"]["subnetIds"]),
        *(one for one in eks._nodegroups.values() if subnet in one["subnets"]),
    ]


def _users_of_group(group: str) -> list[dict]:
    others = [one for one in ec2._security_groups.values() if one["GroupId"] != group]
    rules = [rule for one in others for side in ("IpPermissions", "IpPermissionsEgress") for rule in one[side]]
    pairs = [pair for rule in rules for pair in rule["UserIdGroupPairs"] if pair.get("GroupId") == group]
    return pairs + [lb for lb in alb._lbs.values() if group in lb["SecurityGroups"]]


def _has_gateway(vpc: str) -> bool:
    attachments = [one for other in ec2._internet_gateways.values() for one in other.get("Attachments", [])]
    return any(one["VpcId"] == vpc for one in attachments)


def _is_held(address: str) -> bool:
    return bool(ec2._addresses.get(address, {}).get("AssociationId"))


def _block(p):
    try:
        return ipaddress.ip_network(p("CidrBlock"))
    except ValueError:
        return None


def _outside_vpc(p) -> bool:
    block = _block(p)
    return not 16 <= block.prefixlen <= 28 or not block.subnet_of(_network(ec2._vpcs[p("VpcId")]))


def _overlaps(p) -> bool:
    others = [one for one in ec2._subnets.values() if one["VpcId"] == p("VpcId")]
    return any(_block(p).overlaps(_network(one)) for one in others)


def _network(record: dict):
    return ipaddress.ip_network(record["CidrBlock"])


_IN_USE = ("DependencyViolation", "The resource has dependencies and cannot be deleted or detached.")
_NO_ROUTE = "no route with destination-cidr-block {DestinationCidrBlock} in the route table"

#: The rows of an action are asked from the last one to the first.
_ROWS = [
    (
        "DeleteInternetGateway",
        lambda p: ec2._internet_gateways.get(p("InternetGatewayId"), {}).get("Attachments"),
        *_IN_USE,
    ),
    ("DeleteRouteTable", lambda p: ec2._route_tables.get(p("RouteTableId"), {}).get("Associations"), *_IN_USE),
    ("DeleteSecurityGroup", lambda p: _users_of_group(p("GroupId")), *_IN_USE),
    ("DeleteSubnet", lambda p: _in_subnet(p("SubnetId")), *_IN_USE),
    ("DeleteVpc", lambda p: _in_vpc(p("VpcId")), *_IN_USE),
    (
        "DetachInternetGateway",
        lambda p: _nat_gateways("VpcId", p("VpcId")) or any(lb["VpcId"] == p("VpcId") for lb in alb._lbs.values()),
        *_IN_USE,
    ),
    (
        "ReleaseAddress",
        lambda p: _is_held(p("AllocationId")),
        "InvalidIPAddress.InUse",
        "Address {AllocationId} is in use.",
    ),
    (
        "CreateNatGateway",
        lambda p: _is_held(p("AllocationId")),
        "Resource.AlreadyAssociated",
        "resource {AllocationId} is already associated",
    ),
    (
        "AssociateRouteTable",
        lambda p: any(one.get("SubnetId") == p("SubnetId") for one in _associations()),
        "Resource.AlreadyAssociated",
        "the specified association for route table {RouteTableId} conflicts with another",
    ),
    (
        "AttachInternetGateway",
        lambda p: _has_gateway(p("VpcId")),
        "InvalidParameterValue",
        "Network {VpcId} already has an internet gateway attached",
    ),
    (
        "CreateRoute",
        _has_route,
        "RouteAlreadyExists",
        "The route identified by {DestinationCidrBlock} already exists.",
    ),
    ("ReplaceRoute", lambda p: not _has_route(p), "InvalidParameterValue", _NO_ROUTE),
    ("DeleteRoute", lambda p: not _has_route(p), "InvalidRoute.NotFound", _NO_ROUTE),
    (
        "DisassociateRouteTable",
        lambda p: all(one["RouteTableAssociationId"] != p("AssociationId") for one in _associations()),
        "InvalidAssociationID.NotFound",
        "The association ID '{AssociationId}' does not exist",
    ),
    ("CreateSubnet", _overlaps, "InvalidSubnet.Conflict", "The CIDR '{CidrBlock}' conflicts with another subnet"),
    ("CreateSubnet", _outside_vpc, "InvalidSubnet.Range", "The CIDR '{CidrBlock}' is invalid."),
    (
        "CreateSubnet",
        lambda p: _block(p) is None,
        "InvalidParameterValue",
        "Value ({CidrBlock}) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
    ),
    (
        "CreateVpcEndpoint",
        lambda p: not p("ServiceName").startswith(f"com.amazonaws.{ec2.get_region()}."),
        "InvalidServiceName",
        "The Vpc Endpoint Service '{ServiceName}' does not exist",
    ),
]


def install() -> None:
    refuse(ec2, _ROWS)
