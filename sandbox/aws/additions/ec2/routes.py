"""Routes to gateways, and which subnets use which table."""

from ministack.services import ec2

_p = ec2._p

#: Targets, where they are looked up, and the code when they are not there.
_TARGETS = {
    "GatewayId": (ec2._internet_gateways, "InvalidGatewayID.NotFound"),
    "NatGatewayId": (ec2._nat_gateways, "NatGatewayNotFound"),
}


def install() -> None:
    ec2._ACTION_MAP |= {
        "CreateRoute": _of_table(_to_target(_create)),
        "ReplaceRoute": _of_table(_to_target(_replace)),
        "DeleteRoute": _of_table(_delete),
        "AssociateRouteTable": _of_table(_associate),
        "DisassociateRouteTable": _disassociate,
        "DeleteRouteTable": _of_table(_delete_table),
    }


def _of_table(handler):
    """A handler that gets the table beside the parameters."""

    def handle(p):
        identity = _p(p, "RouteTableId")
        table = ec2._route_tables.get(identity)
        message = f"The routeTable ID '{identity}' does not exist"
        return handler(p, table) if table else ec2._error("InvalidRouteTableID.NotFound", message, 400)

    return handle


def _to_target(handler):
    """A handler of a route whose target is there."""

    def handle(p, table):
        for member, (records, code) in _TARGETS.items():
            identity = _p(p, member)
            if identity and identity not in records:
                return ec2._error(code, f"The gateway ID '{identity}' does not exist", 400)
        return handler(p, table)

    return handle


def _find(p, table: dict) -> dict | None:
    wanted = _p(p, "DestinationCidrBlock")
    return next((route for route in table["Routes"] if route.get("DestinationCidrBlock") == wanted), None)


def _create(p, table):
    if _find(p, table):
        message = f"The route identified by {_p(p, 'DestinationCidrBlock')} already exists."
        return ec2._error("RouteAlreadyExists", message, 400)
    return ec2._create_route(p)


def _replace(p, table):
    if _find(p, table) is None:
        message = f"There is no route defined for '{_p(p, 'DestinationCidrBlock')}' in the route table."
        return ec2._error("InvalidParameterValue", message, 400)
    return ec2._replace_route(p)


def _delete(p, table):
    if _find(p, table) is None:
        message = f"no route with destination-cidr-block {_p(p, 'DestinationCidrBlock')} in the route table"
        return ec2._error("InvalidRoute.NotFound", message, 400)
    return ec2._delete_route(p)


def _associate(p, table):
    subnet = _p(p, "SubnetId")
    if subnet not in ec2._subnets:
        return ec2._error("InvalidSubnetID.NotFound", f"The subnet ID '{subnet}' does not exist", 400)
    if any(one.get("SubnetId") == subnet for other in ec2._route_tables.values() for one in other["Associations"]):
        message = f"the specified association for route table {table['RouteTableId']} conflicts with another"
        return ec2._error("Resource.AlreadyAssociated", message, 400)
    return ec2._associate_route_table(p)


def _disassociate(p):
    identity = _p(p, "AssociationId")
    known = [a["RouteTableAssociationId"] for table in ec2._route_tables.values() for a in table["Associations"]]
    if identity not in known:
        return ec2._error("InvalidAssociationID.NotFound", f"The association ID '{identity}' does not exist", 400)
    return ec2._disassociate_route_table(p)


def _delete_table(p, table):
    if table["Associations"]:
        message = f"The routeTable '{table['RouteTableId']}' has dependencies and cannot be deleted."
        return ec2._error("DependencyViolation", message, 400)
    return ec2._delete_route_table(p)
