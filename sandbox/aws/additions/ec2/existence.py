"""EC2 refuses a call about something that does not exist; ministack makes it, or answers with an empty list."""

from xml.sax.saxutils import escape

from additions.refusals import given, refuse
from ministack.services import ec2

# Where ids of a kind are looked up, and the code of the error.
_ADDRESS = (ec2._addresses, "InvalidAllocationID.NotFound")
_ENDPOINT = (ec2._vpc_endpoints, "InvalidVpcEndpointId.NotFound")
_FLOW_LOG = (ec2._flow_logs, "InvalidFlowLogId.NotFound")
_INTERNET_GATEWAY = (ec2._internet_gateways, "InvalidGatewayID.NotFound")
_NAT_GATEWAY = (ec2._nat_gateways, "NatGatewayNotFound")
_ROUTE_TABLE = (ec2._route_tables, "InvalidRouteTableID.NotFound")
_SUBNET = (ec2._subnets, "InvalidSubnetID.NotFound")
_TEMPLATE = (ec2._launch_templates, "InvalidLaunchTemplateId.NotFound")
_VPC = (ec2._vpcs, "InvalidVpcID.NotFound")

_TO_TARGET = {"RouteTableId": _ROUTE_TABLE, "GatewayId": _INTERNET_GATEWAY, "NatGatewayId": _NAT_GATEWAY}

#: Action → parameters that hold ids, each with their kind.
_IDS = {
    "AssociateRouteTable": {"RouteTableId": _ROUTE_TABLE, "SubnetId": _SUBNET},
    "AttachInternetGateway": {"VpcId": _VPC},
    "CreateNatGateway": {"SubnetId": _SUBNET, "AllocationId": _ADDRESS},
    "CreateRoute": _TO_TARGET,
    "CreateSubnet": {"VpcId": _VPC},
    "CreateVpcEndpoint": {"RouteTableId": _ROUTE_TABLE},
    "DeleteLaunchTemplate": {"LaunchTemplateId": _TEMPLATE},
    "DeleteRoute": {"RouteTableId": _ROUTE_TABLE},
    "DeleteRouteTable": {"RouteTableId": _ROUTE_TABLE},
    "DescribeAddresses": {"AllocationId": _ADDRESS},
    "DescribeFlowLogs": {"FlowLogId": _FLOW_LOG},
    "DescribeLaunchTemplates": {"LaunchTemplateId": _TEMPLATE},
    "DescribeNatGateways": {"NatGatewayId": _NAT_GATEWAY},
    "DescribeRouteTables": {"RouteTableId": _ROUTE_TABLE},
    "DescribeVpcEndpoints": {"VpcEndpointId": _ENDPOINT},
    "ReplaceRoute": _TO_TARGET,
}

#: Actions that succeed and list what failed: parameter, where ids are looked up, and the code.
_UNSUCCESSFUL = {
    "CreateFlowLogs": ("ResourceId", ec2._vpcs, "InvalidVpcId.NotFound"),
    "DeleteFlowLogs": ("FlowLogId", ec2._flow_logs, "InvalidFlowLogId.NotFound"),
    "DeleteVpcEndpoints": ("VpcEndpointId", ec2._vpc_endpoints, "InvalidVpcEndpoint.NotFound"),
}


def install() -> None:
    for action, ids in _IDS.items():
        refuse(ec2, action, _refusal(ids))
    for action, row in _UNSUCCESSFUL.items():
        refuse(ec2, action, _unsuccessful(action, *row))


def _refusal(ids: dict):
    def refusal(p):
        for parameter, (records, code) in ids.items():
            for identity in given(ec2, p, parameter):
                if identity not in records:
                    return ec2._error(code, f"The ID '{escape(identity)}' does not exist", 400)
        return None

    return refusal


def _unsuccessful(action: str, parameter: str, records, code: str):
    def refusal(p):
        for identity in given(ec2, p, parameter):
            if identity not in records:
                message = f"The ID '{escape(identity)}' does not exist"
                error = f"<error><code>{code}</code><message>{message}</message></error>"
                item = f"<item>{error}<resourceId>{escape(identity)}</resourceId></item>"
                return ec2._xml(200, f"{action}Response", f"<unsuccessful>{item}</unsuccessful>")
        return None

    return refusal
