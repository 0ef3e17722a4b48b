"""Asking for something by an id that is not there is an error in AWS; ministack answers with an empty list."""

from ministack.services import ec2

#: Action → parameter that holds ids, where they are looked up, and the code of the error.
_IDS = {
    "DescribeAddresses": ("AllocationId", ec2._addresses, "InvalidAllocationID.NotFound"),
    "DescribeNatGateways": ("NatGatewayId", ec2._nat_gateways, "NatGatewayNotFound"),
    "DescribeRouteTables": ("RouteTableId", ec2._route_tables, "InvalidRouteTableID.NotFound"),
    "DescribeVpcEndpoints": ("VpcEndpointId", ec2._vpc_endpoints, "InvalidVpcEndpointId.NotFound"),
    "DescribeFlowLogs": ("FlowLogId", ec2._flow_logs, "InvalidFlowLogId.NotFound"),
    "DescribeLaunchTemplates": ("LaunchTemplateId", ec2._launch_templates, "InvalidLaunchTemplateId.NotFound"),
    "DeleteLaunchTemplate": ("LaunchTemplateId", ec2._launch_templates, "InvalidLaunchTemplateId.NotFound"),
}


def install() -> None:
    for action, (parameter, records, code) in _IDS.items():
        ec2._ACTION_MAP[action] = _checked(ec2._ACTION_MAP[action], parameter, records, code)


def _checked(handler, parameter: str, records, code: str):
    def checked(p):
        for identity in ec2._parse_member_list(p, parameter) or [ec2._p(p, parameter)]:
            if identity and identity not in records:
                return ec2._error(code, f"The ID '{identity}' does not exist", 400)
        return handler(p)

    return checked
