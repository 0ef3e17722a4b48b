"""VPCs, subnets and internet gateways, none of which goes while another needs it."""

import ipaddress

from ministack.services import alb, ec2, eks

_p = ec2._p
_METRICS = "EnableNetworkAddressUsageMetrics"


def install() -> None:
    ec2._ACTION_MAP |= {
        "CreateVpc": _create_vpc,
        "DeleteVpc": _delete_vpc,
        "ModifyVpcAttribute": _modify_vpc,
        "DescribeVpcAttribute": _describe_vpc,
        "CreateSubnet": _create_subnet,
        "DeleteSubnet": _delete_subnet,
        "AttachInternetGateway": _attach,
        "DetachInternetGateway": _detach,
        "DeleteInternetGateway": _delete_gateway,
    }


def _violation(kind: str, identity: str):
    message = f"The {kind} '{identity}' has dependencies and cannot be deleted."
    return ec2._error("DependencyViolation", message, 400)


def _no_vpc(identity: str):
    return ec2._error("InvalidVpcID.NotFound", f"The vpc ID '{identity}' does not exist", 400)


def _gateways(member: str, identity: str) -> list[dict]:
    """NAT gateways that are there, in a subnet or a VPC."""
    return [nat for nat in ec2._nat_gateways.values() if nat["State"] != "deleted" and nat[member] == identity]


def _create_vpc(p):
    status, headers, answer = ec2._create_vpc(p)
    if status != 200:
        return status, headers, answer
    vpc_id = answer.split(b"<vpcId>")[1].split(b"</vpcId>")[0].decode()
    group_id = ec2._vpcs[vpc_id]["DefaultSecurityGroupId"]
    pair = {"GroupId": group_id, "UserId": ec2.get_account_id()}
    itself = {"IpProtocol": "-1", "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [pair]}
    ec2._security_groups[group_id]["IpPermissions"].append(itself)
    return status, headers, answer


def _delete_vpc(p):
    vpc = _p(p, "VpcId")
    in_vpc = [
        *_gateways("VpcId", vpc),
        *(one for one in ec2._vpc_endpoints.values() if one["VpcId"] == vpc),
        *(one for one in alb._lbs.values() if one["VpcId"] == vpc),
        *(
            table
            for table in ec2._route_tables.values()
            if table["VpcId"] == vpc and not any(one.get("Main") for one in table["Associations"])
        ),
    ]
    return _violation("vpc", vpc) if vpc in ec2._vpcs and in_vpc else ec2._delete_vpc(p)


def _modify_vpc(p):
    vpc, value = ec2._vpcs.get(_p(p, "VpcId")), _p(p, f"{_METRICS}.Value")
    if vpc and value:
        vpc[_METRICS] = value.lower() == "true"
    return ec2._modify_vpc_attribute(p)


def _describe_vpc(p):
    vpc = ec2._vpcs.get(_p(p, "VpcId"), {})
    status, headers, answer = ec2._describe_vpc_attribute(p)
    if _p(p, "Attribute") == "enableNetworkAddressUsageMetrics" and vpc.get(_METRICS):
        answer = answer.replace(b"<value>false</value>", b"<value>true</value>")
    return status, headers, answer


def _create_subnet(p):
    vpc, text = ec2._vpcs.get(_p(p, "VpcId")), _p(p, "CidrBlock")
    if vpc is None:
        return _no_vpc(_p(p, "VpcId"))
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
    status, headers, answer = ec2._create_subnet(p)
    if status == 200:
        subnet_id = answer.split(b"<subnetId>")[1].split(b"</subnetId>")[0].decode()
        # AWS keeps the first four addresses and the last.
        free = block.num_addresses - 5
        ec2._subnets[subnet_id]["AvailableIpAddressCount"] = free
        count = "<availableIpAddressCount>{}</availableIpAddressCount>"
        answer = answer.replace(count.format(251).encode(), count.format(free).encode())
    return status, headers, answer


def _delete_subnet(p):
    subnet = _p(p, "SubnetId")
    users = [
        *_gateways("SubnetId", subnet),
        *(lb for lb in alb._lbs.values() if subnet in lb.get("Subnets", [])),
        *(one for one in ec2._vpc_endpoints.values() if subnet in one.get("SubnetIds", [])),
        *(one for one in eks._clusters.values() if subnet in one["resourcesVpcConfig"]["subnetIds"]),
        *(one for one in eks._nodegroups.values() if subnet in one["subnets"]),
    ]
    if subnet in ec2._subnets and users:
        return _violation("subnet", subnet)
    for table in ec2._route_tables.values():
        table["Associations"] = [one for one in table["Associations"] if one.get("SubnetId") != subnet]
    return ec2._delete_subnet(p)


def _attach(p):
    vpc, gateway = _p(p, "VpcId"), _p(p, "InternetGatewayId")
    if vpc not in ec2._vpcs:
        return _no_vpc(vpc)
    for other in ec2._internet_gateways.values():
        if other["InternetGatewayId"] != gateway and any(one["VpcId"] == vpc for one in other.get("Attachments", [])):
            message = f"Network {vpc} already has an internet gateway attached"
            return ec2._error("InvalidParameterValue", message, 400)
    return ec2._attach_internet_gateway(p)


def _detach(p):
    vpc, identity = _p(p, "VpcId"), _p(p, "InternetGatewayId")
    gateway = ec2._internet_gateways.get(identity)
    if gateway is None:
        message = f"The internetGateway ID '{identity}' does not exist"
        return ec2._error("InvalidInternetGatewayID.NotFound", message, 400)
    if not any(one["VpcId"] == vpc for one in gateway.get("Attachments", [])):
        return ec2._error("Gateway.NotAttached", f"resource {identity} is not attached to network {vpc}", 400)
    public = [lb for lb in alb._lbs.values() if lb["VpcId"] == vpc and lb["Scheme"] == "internet-facing"]
    if _gateways("VpcId", vpc) or public:
        message = f"Network {vpc} has some mapped public address(es). Please unmap those before detaching the gateway."
        return ec2._error("DependencyViolation", message, 400)
    return ec2._detach_internet_gateway(p)


def _delete_gateway(p):
    identity = _p(p, "InternetGatewayId")
    if (ec2._internet_gateways.get(identity) or {}).get("Attachments"):
        return _violation("internetGateway", identity)
    return ec2._delete_internet_gateway(p)
