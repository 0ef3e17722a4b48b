"""VPCs, subnets, NAT gateways with their addresses, and launch templates, whose tags have one place."""

import random

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
