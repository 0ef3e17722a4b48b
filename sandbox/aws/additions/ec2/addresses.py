"""Elastic addresses, and the NAT gateways that use them."""

import random

from ministack.services import ec2

_p = ec2._p


def install() -> None:
    ec2._ACTION_MAP |= {
        "AllocateAddress": _allocate,
        "DescribeAddresses": _describe,
        "ReleaseAddress": _release,
        "CreateNatGateway": _create_gateway,
        "DescribeNatGateways": _with_addresses(ec2._describe_nat_gateways),
        "DeleteNatGateway": _delete_gateway,
    }


def _allocate(p):
    status, headers, answer = ec2._allocate_address(p)
    more = f"<publicIpv4Pool>amazon</publicIpv4Pool><networkBorderGroup>{ec2.get_region()}</networkBorderGroup>"
    return status, headers, answer.replace(b"<domain>", more.encode() + b"<domain>")


def _describe(p):
    ids, public = ec2._parse_member_list(p, "AllocationId"), ec2._parse_member_list(p, "PublicIp")
    filters = ec2._parse_filters(p)
    items = ""
    for address in ec2._addresses.values():
        have = {
            "allocation-id": address["AllocationId"],
            "association-id": address["AssociationId"],
            "public-ip": address["PublicIp"],
            "network-interface-id": address["NetworkInterfaceId"],
            "domain": address["Domain"],
        }
        if ids and address["AllocationId"] not in ids or public and address["PublicIp"] not in public:
            continue
        if any(have[name] not in values for name, values in filters.items() if name in have):
            continue
        if ec2._resource_matches_tag_filters(address["AllocationId"], filters):
            items += _xml(address)
    return ec2._xml(200, "DescribeAddressesResponse", f"<addressesSet>{items}</addressesSet>")


def _xml(address: dict) -> str:
    members = {
        "allocationId": address["AllocationId"],
        "publicIp": address["PublicIp"],
        "domain": address["Domain"],
        "publicIpv4Pool": "amazon",
        "networkBorderGroup": ec2.get_region(),
        "associationId": address["AssociationId"],
        "instanceId": address["InstanceId"],
        "networkInterfaceId": address["NetworkInterfaceId"],
        "networkInterfaceOwnerId": address["NetworkInterfaceId"] and ec2.get_account_id(),
        "privateIpAddress": address["PrivateIpAddress"],
    }
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in members.items() if value)
    return f"<item>{inner}{ec2._tag_set_xml(address['AllocationId'])}</item>"


def _release(p):
    address = ec2._addresses.get(_p(p, "AllocationId"))
    if address and address["AssociationId"]:
        return ec2._error("InvalidIPAddress.InUse", f"Address {address['PublicIp']} is in use.", 400)
    return ec2._release_address(p)


def _create_gateway(p):
    subnet, address = ec2._subnets.get(_p(p, "SubnetId")), ec2._addresses.get(_p(p, "AllocationId"))
    private = _p(p, "ConnectivityType") == "private"
    if subnet is None:
        message = f"The subnet ID '{_p(p, 'SubnetId')}' does not exist"
        return ec2._error("InvalidSubnetID.NotFound", message, 400)
    if address is None and not private:
        message = f"The allocation ID '{_p(p, 'AllocationId')}' does not exist"
        return ec2._error("InvalidAllocationID.NotFound", message, 400)
    if address and address["AssociationId"]:
        identity = address["AssociationId"]
        message = f"resource {address['AllocationId']} is already associated with associate-id {identity}"
        return ec2._error("Resource.AlreadyAssociated", message, 400)
    status, headers, answer = ec2._create_nat_gateway(p)
    if status != 200:
        return status, headers, answer
    identity = answer.split(b"<natGatewayId>")[1].split(b"</natGatewayId>")[0].decode()
    gateway = ec2._nat_gateways[identity]
    gateway["NetworkInterfaceId"] = f"eni-{_hex()}"
    gateway["PrivateIp"] = f"{subnet['CidrBlock'].rsplit('.', 1)[0]}.{random.randrange(10, 250)}"
    if address:
        address |= {
            "AssociationId": f"eipassoc-{_hex()}",
            "NetworkInterfaceId": gateway["NetworkInterfaceId"],
            "PrivateIpAddress": gateway["PrivateIp"],
        }
    return status, headers, answer.replace(b"<natGatewayAddressSet/>", _address_set(gateway).encode())


def _hex() -> str:
    return f"{random.randrange(16**17):017x}"


def _address_set(gateway: dict) -> str:
    address = ec2._addresses.get(gateway["AllocationId"])
    members = {
        "allocationId": address and address["AllocationId"],
        "associationId": address and address["AssociationId"],
        "publicIp": address and address["PublicIp"],
        "networkInterfaceId": gateway.get("NetworkInterfaceId"),
        "privateIp": gateway.get("PrivateIp"),
        "isPrimary": "true",
        "status": "succeeded",
    }
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in members.items() if value)
    return f"<natGatewayAddressSet><item>{inner}</item></natGatewayAddressSet>"


def _with_addresses(describe):
    def described(p):
        status, headers, answer = describe(p)
        parts = answer.split(b"<natGatewayAddressSet/>")
        rendered = parts[0]
        for before, after in zip(parts, parts[1:]):
            identity = before.rsplit(b"<natGatewayId>", 1)[1].split(b"</natGatewayId>")[0].decode()
            rendered += _address_set(ec2._nat_gateways[identity]).encode() + after
        return status, headers, rendered

    return described


def _delete_gateway(p):
    gateway = ec2._nat_gateways.get(_p(p, "NatGatewayId"))
    address = ec2._addresses.get(gateway["AllocationId"]) if gateway else None
    if address and address["NetworkInterfaceId"] == gateway.get("NetworkInterfaceId"):
        address |= {"AssociationId": None, "NetworkInterfaceId": None, "PrivateIpAddress": None}
    if gateway:
        for table in ec2._route_tables.values():
            for route in table["Routes"]:
                if route.get("NatGatewayId") == gateway["NatGatewayId"]:
                    route["State"] = "blackhole"
    return ec2._delete_nat_gateway(p)
