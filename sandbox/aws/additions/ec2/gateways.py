"""NAT gateways with the elastic addresses that they hold, internet gateways and gateway endpoints."""

import random

from ministack.services import alb, ec2

_p = ec2._p


def install() -> None:
    ec2._ACTION_MAP |= {
        "ReleaseAddress": _release,
        "CreateNatGateway": _create_nat,
        "DescribeNatGateways": _with_addresses(ec2._describe_nat_gateways),
        "DeleteNatGateway": _delete_nat,
        "AttachInternetGateway": _attach,
        "DetachInternetGateway": _detach,
        "DeleteInternetGateway": _delete,
        "CreateVpcEndpoint": _create_endpoint,
        "DeleteVpcEndpoints": _delete_endpoints,
    }


def nats(member: str, identity: str) -> list[dict]:
    """NAT gateways that are there, in a subnet or a VPC."""
    return [nat for nat in ec2._nat_gateways.values() if nat["State"] != "deleted" and nat[member] == identity]


def _release(p):
    address = ec2._addresses.get(_p(p, "AllocationId"))
    if address and address["AssociationId"]:
        return ec2._error("InvalidIPAddress.InUse", f"Address {address['PublicIp']} is in use.", 400)
    return ec2._release_address(p)


def _create_nat(p):
    address = ec2._addresses.get(_p(p, "AllocationId"))
    if _p(p, "SubnetId") not in ec2._subnets:
        return ec2._error("InvalidSubnetID.NotFound", f"The subnet ID '{_p(p, 'SubnetId')}' does not exist", 400)
    if address is None:
        message = f"The allocation ID '{_p(p, 'AllocationId')}' does not exist"
        return ec2._error("InvalidAllocationID.NotFound", message, 400)
    if address["AssociationId"]:
        message = f"resource {address['AllocationId']} is already associated with {address['AssociationId']}"
        return ec2._error("Resource.AlreadyAssociated", message, 400)
    address["AssociationId"] = f"eipassoc-{random.randrange(16**17):017x}"
    return ec2._create_nat_gateway(p)


def _with_addresses(describe):
    def described(p):
        status, headers, answer = describe(p)
        first, *others = answer.split(b"<natGatewayAddressSet/>")
        rendered = first
        for before, after in zip([first, *others], others):
            identity = before.rsplit(b"<natGatewayId>", 1)[1].split(b"</natGatewayId>")[0].decode()
            inner = f"<item><allocationId>{ec2._nat_gateways[identity]['AllocationId']}</allocationId></item>"
            rendered += f"<natGatewayAddressSet>{inner}</natGatewayAddressSet>".encode() + after
        return status, headers, rendered

    return described


def _delete_nat(p):
    gateway = ec2._nat_gateways.get(_p(p, "NatGatewayId"))
    if gateway and gateway["State"] != "deleted":
        (ec2._addresses.get(gateway["AllocationId"]) or {})["AssociationId"] = None
    return ec2._delete_nat_gateway(p)


def _attach(p):
    vpc = _p(p, "VpcId")
    if vpc not in ec2._vpcs:
        return ec2._error("InvalidVpcID.NotFound", f"The vpc ID '{vpc}' does not exist", 400)
    attachments = [one for other in ec2._internet_gateways.values() for one in other.get("Attachments", [])]
    if any(one["VpcId"] == vpc for one in attachments):
        message = f"Network {vpc} already has an internet gateway attached"
        return ec2._error("InvalidParameterValue", message, 400)
    return ec2._attach_internet_gateway(p)


def _detach(p):
    vpc = _p(p, "VpcId")
    if nats("VpcId", vpc) or any(lb["VpcId"] == vpc for lb in alb._lbs.values()):
        message = f"Network {vpc} has some mapped public address(es). Please unmap those before detaching the gateway."
        return ec2._error("DependencyViolation", message, 400)
    return ec2._detach_internet_gateway(p)


def _delete(p):
    identity = _p(p, "InternetGatewayId")
    if (ec2._internet_gateways.get(identity) or {}).get("Attachments"):
        message = f"The internetGateway '{identity}' has dependencies and cannot be deleted."
        return ec2._error("DependencyViolation", message, 400)
    return ec2._delete_internet_gateway(p)


def _create_endpoint(p):
    for table in ec2._parse_member_list(p, "RouteTableId"):
        if table not in ec2._route_tables:
            return ec2._error("InvalidRouteTableId.NotFound", f"The routeTable ID '{table}' does not exist", 400)
    service = _p(p, "ServiceName")
    if not service.startswith(f"com.amazonaws.{ec2.get_region()}."):
        return ec2._error("InvalidServiceName", f"The Vpc Endpoint Service '{service}' does not exist", 400)
    return ec2._create_vpc_endpoint(p)


def _delete_endpoints(p):
    [identity] = ec2._parse_member_list(p, "VpcEndpointId")
    if identity in ec2._vpc_endpoints:
        return ec2._delete_vpc_endpoints(p)
    message = f"The Vpc Endpoint Id '{identity}' does not exist"
    error = f"<error><code>InvalidVpcEndpoint.NotFound</code><message>{message}</message></error>"
    item = f"<item>{error}<resourceId>{identity}</resourceId></item>"
    return ec2._xml(200, "DeleteVpcEndpointsResponse", f"<unsuccessful>{item}</unsuccessful>")
