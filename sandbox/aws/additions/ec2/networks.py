"""VPCs and subnets, none of which goes while another needs it, and launch templates, whose tags have one place."""

import ipaddress

from ministack.services import alb, ec2, eks

from additions.ec2 import gateways

_p = ec2._p


def install() -> None:
    ec2._ACTION_MAP |= {
        "CreateVpc": _create_vpc,
        "DeleteVpc": _delete_vpc,
        "CreateSubnet": _create_subnet,
        "DeleteSubnet": _delete_subnet,
        "CreateLaunchTemplate": _create_launch_template,
    }


def _violation(kind: str, identity: str):
    message = f"The {kind} '{identity}' has dependencies and cannot be deleted."
    return ec2._error("DependencyViolation", message, 400)


def _create_vpc(p):
    """Its default group lets in what is in it."""
    status, headers, answer = ec2._create_vpc(p)
    if status == 200:
        vpc_id = answer.split(b"<vpcId>")[1].split(b"</vpcId>")[0].decode()
        group_id = ec2._vpcs[vpc_id]["DefaultSecurityGroupId"]
        pairs = [{"GroupId": group_id, "UserId": ec2.get_account_id()}]
        itself = {"IpProtocol": "-1", "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": pairs}
        ec2._security_groups[group_id]["IpPermissions"].append(itself)
    return status, headers, answer


def _delete_vpc(p):
    vpc = _p(p, "VpcId")
    others = [*ec2._vpc_endpoints.values(), *alb._lbs.values(), *ec2._subnets.values()]
    others += [one for one in ec2._route_tables.values() if not any(each.get("Main") for each in one["Associations"])]
    in_vpc = gateways.nats("VpcId", vpc) or [one for one in others if one["VpcId"] == vpc]
    return _violation("vpc", vpc) if in_vpc else ec2._delete_vpc(p)


def _create_subnet(p):
    vpc, text = ec2._vpcs.get(_p(p, "VpcId")), _p(p, "CidrBlock")
    if vpc is None:
        return ec2._error("InvalidVpcID.NotFound", f"The vpc ID '{_p(p, 'VpcId')}' does not exist", 400)
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
    return ec2._create_subnet(p)


def _delete_subnet(p):
    subnet = _p(p, "SubnetId")
    users = [
        *gateways.nats("SubnetId", subnet),
        *(lb for lb in alb._lbs.values() if subnet in lb["Subnets"]),
        *(one for one in eks._clusters.values() if subnet in one["resourcesVpcConfig"]["subnetIds"]),
        *(one for one in eks._nodegroups.values() if subnet in one["subnets"]),
    ]
    if users:
        return _violation("subnet", subnet)
    for table in ec2._route_tables.values():
        table["Associations"] = [one for one in table["Associations"] if one.get("SubnetId") != subnet]
    return ec2._delete_subnet(p)


def _create_launch_template(p):
    """A template's own copy of its tags would never change."""
    answer = ec2._create_launch_template(p)
    for template in ec2._launch_templates.values():
        template.pop("Tags", None)
    return answer
