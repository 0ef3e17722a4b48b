"""Flow logs with the role that writes them, and their tags."""

from ministack.services import ec2

_p = ec2._p


def install() -> None:
    ec2._ACTION_MAP |= {"CreateFlowLogs": _create, "DescribeFlowLogs": _describe, "DeleteFlowLogs": _delete}


def _answer(action: str, found: str, code: str, message: str, identity: str):
    """These calls succeed though what they were for did not."""
    error = f"<error><code>{code}</code><message>{message}</message></error>"
    item = f"<item>{error}<resourceId>{identity}</resourceId></item>"
    return ec2._xml(200, f"{action}Response", f"{found}<unsuccessful>{item}</unsuccessful>")


def _create(p):
    for identity in ec2._parse_member_list(p, "ResourceId"):
        if identity not in ec2._vpcs:
            message = f"The VPC ID '{identity}' does not exist"
            return _answer("CreateFlowLogs", "<flowLogIdSet/>", "InvalidVpcId.NotFound", message, identity)
    before = set(ec2._flow_logs.keys())
    answer = ec2._create_flow_logs(p)
    for identity in set(ec2._flow_logs.keys()) - before:
        ec2._flow_logs[identity]["DeliverLogsPermissionArn"] = _p(p, "DeliverLogsPermissionArn")
        ec2._parse_tag_specs(p, "vpc-flow-log", identity)
    return answer


def _describe(p):
    status, headers, answer = ec2._describe_flow_logs(p)
    for identity, log in ec2._flow_logs.items():
        start = f"<flowLogId>{identity}</flowLogId>"
        role = f"<deliverLogsPermissionArn>{log.get('DeliverLogsPermissionArn', '')}</deliverLogsPermissionArn>"
        answer = answer.replace(start.encode(), f"{start}{role}".encode())
    return status, headers, answer


def _delete(p):
    [identity] = ec2._parse_member_list(p, "FlowLogId")
    if identity in ec2._flow_logs:
        return ec2._delete_flow_logs(p)
    message = f"The specified flow log '{identity}' does not exist"
    return _answer("DeleteFlowLogs", "", "InvalidFlowLogId.NotFound", message, identity)
