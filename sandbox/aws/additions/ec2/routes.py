"""Routes, and which subnets use which table."""

from ministack.services import ec2

_p = ec2._p

_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
_TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "InstanceId",
    "NetworkInterfaceId",
    "VpcEndpointId",
    "EgressOnlyInternetGatewayId",
    "VpcPeeringConnectionId",
    "TransitGatewayId",
)
#: Targets that are looked up, the code when they are not there, and the one of the route.
_LOOKED_UP = {
    "GatewayId": (ec2._internet_gateways, "InvalidGatewayID.NotFound", "igw-"),
    "NatGatewayId": (ec2._nat_gateways, "NatGatewayNotFound", "nat-"),
}


def install() -> None:
    ec2._ACTION_MAP |= {
        "CreateRoute": _create,
        "ReplaceRoute": _replace,
        "DeleteRoute": _delete,
        "AssociateRouteTable": _associate,
        "DisassociateRouteTable": _disassociate,
        "DeleteRouteTable": _delete_table,
    }


def _table(p):
    identity = _p(p, "RouteTableId")
    table = ec2._route_tables.get(identity)
    message = f"The routeTable ID '{identity}' does not exist"
    return table, None if table else ec2._error("InvalidRouteTableID.NotFound", message, 400)


def _destination(p) -> dict:
    return {member: _p(p, member) for member in _DESTINATIONS if _p(p, member)}


def _target(p):
    """What the route leads to, or the error of one that is not there."""
    given = {member: _p(p, member) for member in _TARGETS if _p(p, member)}
    if len(given) != 1:
        return None, ec2._error("InvalidParameterCombination", "The request must contain exactly one target", 400)
    [(member, identity)] = given.items()
    records, code, prefix = _LOOKED_UP.get(member, (None, None, None))
    if records is not None and identity.startswith(prefix) and identity not in records:
        return None, ec2._error(code, f"The gateway ID '{identity}' does not exist", 400)
    # An endpoint of a load balancer is a gateway too.
    return ({"GatewayId": identity} if member == "VpcEndpointId" else given), None


def _find(table: dict, destination: dict) -> dict | None:
    return next((route for route in table["Routes"] if destination.items() <= route.items()), None)


def _create(p):
    table, error = _table(p)
    target, fault = (None, None) if error else _target(p)
    if error or fault:
        return error or fault
    destination = _destination(p)
    if _find(table, destination):
        text = next(iter(destination.values()), "")
        return ec2._error("RouteAlreadyExists", f"The route identified by {text} already exists.", 400)
    table["Routes"].append({**destination, **target, "State": "active", "Origin": "CreateRoute"})
    return ec2._xml(200, "CreateRouteResponse", "<return>true</return>")


def _replace(p):
    table, error = _table(p)
    target, fault = (None, None) if error else _target(p)
    if error or fault:
        return error or fault
    route = _find(table, _destination(p))
    if route is None:
        text = next(iter(_destination(p).values()), "")
        message = f"There is no route defined for '{text}' in the route table. Use CreateRoute instead."
        return ec2._error("InvalidParameterValue", message, 400)
    for member in _TARGETS:
        route.pop(member, None)
    route |= {**target, "State": "active"}
    return ec2._xml(200, "ReplaceRouteResponse", "<return>true</return>")


def _delete(p):
    table, error = _table(p)
    if error:
        return error
    route = _find(table, _destination(p))
    if route is None:
        text = next(iter(_destination(p).values()), "")
        message = f"no route with destination-cidr-block {text} in route table {table['RouteTableId']}"
        return ec2._error("InvalidRoute.NotFound", message, 400)
    table["Routes"].remove(route)
    return ec2._xml(200, "DeleteRouteResponse", "<return>true</return>")


def _associate(p):
    table, error = _table(p)
    if error:
        return error
    subnet, gateway = _p(p, "SubnetId"), _p(p, "GatewayId")
    if subnet and subnet not in ec2._subnets:
        return ec2._error("InvalidSubnetID.NotFound", f"The subnet ID '{subnet}' does not exist", 400)
    for other in ec2._route_tables.values():
        for association in other["Associations"]:
            if subnet and association.get("SubnetId") == subnet:
                identity = association["RouteTableAssociationId"]
                message = f"the specified association for route table {table['RouteTableId']} conflicts with {identity}"
                return ec2._error("Resource.AlreadyAssociated", message, 400)
    status, headers, answer = ec2._associate_route_table(p)
    if gateway:
        table["Associations"][-1]["GatewayId"] = gateway
    return status, headers, answer


def _disassociate(p):
    identity = _p(p, "AssociationId")
    known = [a["RouteTableAssociationId"] for table in ec2._route_tables.values() for a in table["Associations"]]
    if identity not in known:
        return ec2._error("InvalidAssociationID.NotFound", f"The association ID '{identity}' does not exist", 400)
    return ec2._disassociate_route_table(p)


def _delete_table(p):
    table, error = _table(p)
    if error:
        return error
    if table["Associations"]:
        message = f"The routeTable '{table['RouteTableId']}' has dependencies and cannot be deleted."
        return ec2._error("DependencyViolation", message, 400)
    return ec2._delete_route_table(p)
