"""VPCs, subnets, routes and gateways as EC2 accepts them, and launch templates, whose tags have one place."""

import ipaddress
import random

from additions.refusals import refuse
from ministack.services import ec2

_p = ec2._p


def install() -> None:
    ec2._ACTION_MAP |= {
        "CreateVpc": _create_vpc,
        "DeleteSubnet": _delete_subnet,
        "CreateLaunchTemplate": _create_launch_template,
        "CreateNatGateway": _create_nat_gateway,
        "DescribeNatGateways": _describe_nat_gateways,
        "DeleteNatGateway": _delete_nat_gateway,
    }
    for action, refusal in {
        "AssociateRouteTable": _second_association,
        "AttachInternetGateway": _second_gateway,
        "CreateNatGateway": _used_address,
        "CreateRoute": _second_route,
        "CreateSubnet": _wrong_block,
        "CreateVpcEndpoint": _other_region,
        "DeleteRoute": _no_route("InvalidRoute.NotFound"),
        "DisassociateRouteTable": _no_association,
        "ReleaseAddress": _held_address,
        "ReplaceRoute": _no_route("InvalidParameterValue"),
    }.items():
        refuse(ec2, action, refusal)


def _create_vpc(p):
    """Its default group lets in its members."""
    status, headers, answer = ec2._create_vpc(p)
    if status == 200:
        vpc_id = answer.split(b"<vpcId>")[1].split(b"</vpcId>")[0].decode()
        group_id = ec2._vpcs[vpc_id]["DefaultSecurityGroupId"]
        pairs = [{"GroupId": group_id, "UserId": ec2.get_account_id()}]
        itself = {"IpProtocol": "-1", "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": pairs}
        ec2._security_groups[group_id]["IpPermissions"].append(itself)
    return status, headers, answer


def _wrong_block(p):
    vpc, text = ec2._vpcs[_p(p, "VpcId")], _p(p, "CidrBlock")
    try:
        block = ipaddress.ip_network(text)
    except ValueError:
        message = f"Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        return ec2._error("InvalidParameterValue", message, 400)
    if not 16 <= block.prefixlen <= 28 or not block.subnet_of(ipaddress.ip_network(vpc["CidrBlock"])):
        return ec2._error("InvalidSubnet.Range", f"The CIDR '{text}' is invalid.", 400)
    for other in ec2._subnets.values():
        if other["VpcId"] == vpc["VpcId"] and block.overlaps(ipaddress.ip_network(other["CidrBlock"])):
            return ec2._error("InvalidSubnet.Conflict", f"The CIDR '{text}' conflicts with another subnet", 400)
    return None


def _delete_subnet(p):
    for table in ec2._route_tables.values():
        table["Associations"] = [one for one in table["Associations"] if one.get("SubnetId") != _p(p, "SubnetId")]
    return ec2._delete_subnet(p)


def _create_launch_template(p):
    """A template's own copy of its tags would never change."""
    answer = ec2._create_launch_template(p)
    for template in ec2._launch_templates.values():
        template.pop("Tags", None)
    return answer


def _has_route(p) -> bool:
    wanted = _p(p, "DestinationCidrBlock")
    return any(one.get("DestinationCidrBlock") == wanted for one in ec2._route_tables[_p(p, "RouteTableId")]["Routes"])


def _second_route(p):
    message = f"The route identified by {_p(p, 'DestinationCidrBlock')} already exists."
    return ec2._error("RouteAlreadyExists", message, 400) if _has_route(p) else None


def _no_route(code: str):
    def refusal(p):
        message = f"no route with destination-cidr-block {_p(p, 'DestinationCidrBlock')} in the route table"
        return None if _has_route(p) else ec2._error(code, message, 400)

    return refusal


def _associations() -> list[dict]:
    return [one for table in ec2._route_tables.values() for one in table["Associations"]]


def _second_association(p):
    if any(one.get("SubnetId") == _p(p, "SubnetId") for one in _associations()):
        message = f"the specified association for route table {_p(p, 'RouteTableId')} conflicts with another"
        return ec2._error("Resource.AlreadyAssociated", message, 400)
    return None


def _no_association(p):
    identity = _p(p, "AssociationId")
    if any(one["RouteTableAssociationId"] == identity for one in _associations()):
        return None
    return ec2._error("InvalidAssociationID.NotFound", f"The association ID '{identity}' does not exist", 400)


def _second_gateway(p):
    attachments = [one for other in ec2._internet_gateways.values() for one in other.get("Attachments", [])]
    if any(one["VpcId"] == _p(p, "VpcId") for one in attachments):
        message = f"Network {_p(p, 'VpcId')} already has an internet gateway attached"
        return ec2._error("InvalidParameterValue", message, 400)
    return None


def _other_region(p):
    service = _p(p, "ServiceName")
    if service.startswith(f"com.amazonaws.{ec2.get_region()}."):
        return None
    return ec2._error("InvalidServiceName", f"The Vpc Endpoint Service '{service}' does not exist", 400)


def _held_address(p):
    address = ec2._addresses.get(_p(p, "AllocationId"))
    if address and address["AssociationId"]:
        return ec2._error("InvalidIPAddress.InUse", f"Address {address['PublicIp']} is in use.", 400)
    return None


def _used_address(p):
    address = ec2._addresses[_p(p, "AllocationId")]
    if address["AssociationId"]:
        message = f"resource {address['AllocationId']} is already associated with {address['AssociationId']}"
        return ec2._error("Resource.AlreadyAssociated", message, 400)
    return None


def _create_nat_gateway(p):
    ec2._addresses[_p(p, "AllocationId")]["AssociationId"] = f"eipassoc-{random.randrange(16**17):017x}"
    return ec2._create_nat_gateway(p)


def _describe_nat_gateways(p):
    """Each with its address."""
    status, headers, answer = ec2._describe_nat_gateways(p)
    first, *others = answer.split(b"<natGatewayAddressSet/>")
    rendered = first
    for before, after in zip([first, *others], others):
        identity = before.rsplit(b"<natGatewayId>", 1)[1].split(b"</natGatewayId>")[0].decode()
        inner = f"<item><allocationId>{ec2._nat_gateways[identity]['AllocationId']}</allocationId></item>"
        rendered += f"<natGatewayAddressSet>{inner}</natGatewayAddressSet>".encode() + after
    return status, headers, rendered


def _delete_nat_gateway(p):
    gateway = ec2._nat_gateways.get(_p(p, "NatGatewayId"))
    if gateway and gateway["State"] != "deleted":
        (ec2._addresses.get(gateway["AllocationId"]) or {})["AssociationId"] = None
    return ec2._delete_nat_gateway(p)
