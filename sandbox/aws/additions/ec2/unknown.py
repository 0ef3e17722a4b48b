"""Asking for something by an id that is not there is an error in AWS; ministack answers with an empty list."""

from ministack.services import ec2

#: Action → parameter that holds ids, where they are looked up, code and message of the error.
_IDS = {
    "DescribeAddresses": (
        "AllocationId",
        ec2._addresses,
        "InvalidAllocationID.NotFound",
        "The allocation ID '{}' does not exist",
    ),
    "DescribeNatGateways": ("NatGatewayId", ec2._nat_gateways, "NatGatewayNotFound", "NatGateway {} was not found"),
    "DescribeRouteTables": (
        "RouteTableId",
        ec2._route_tables,
        "InvalidRouteTableID.NotFound",
        "The routeTable ID '{}' does not exist",
    ),
    "DescribeVpcEndpoints": (
        "VpcEndpointId",
        ec2._vpc_endpoints,
        "InvalidVpcEndpointId.NotFound",
        "The Vpc Endpoint Id '{}' does not exist",
    ),
    "DescribeFlowLogs": (
        "FlowLogId",
        ec2._flow_logs,
        "InvalidFlowLogId.NotFound",
        "The specified flow log '{}' does not exist",
    ),
    "DescribeLaunchTemplates": (
        "LaunchTemplateId",
        ec2._launch_templates,
        "InvalidLaunchTemplateId.NotFound",
        "The specified launch template, with template ID {}, does not exist.",
    ),
}


def install() -> None:
    for action, (parameter, records, code, message) in _IDS.items():
        ec2._ACTION_MAP[action] = _checked(ec2._ACTION_MAP[action], parameter, records, code, message)


def _checked(describe, parameter: str, records, code: str, message: str):
    def checked(p):
        for identity in ec2._parse_member_list(p, parameter):
            if identity not in records:
                return ec2._error(code, message.format(identity), 400)
        return describe(p)

    return checked
