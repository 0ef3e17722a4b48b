"""Flow logs with the role that writes them, and their tags."""

from ministack.services import ec2


def install() -> None:
    ec2._ACTION_MAP |= {"CreateFlowLogs": _create, "DescribeFlowLogs": _describe}


def _create(p):
    before = set(ec2._flow_logs.keys())
    answer = ec2._create_flow_logs(p)
    for identity in set(ec2._flow_logs.keys()) - before:
        ec2._flow_logs[identity]["DeliverLogsPermissionArn"] = ec2._p(p, "DeliverLogsPermissionArn")
        ec2._parse_tag_specs(p, "vpc-flow-log", identity)
    return answer


def _describe(p):
    status, headers, answer = ec2._describe_flow_logs(p)
    for identity, log in ec2._flow_logs.items():
        start = f"<flowLogId>{identity}</flowLogId>"
        role = f"<deliverLogsPermissionArn>{log.get('DeliverLogsPermissionArn', '')}</deliverLogsPermissionArn>"
        answer = answer.replace(start.encode(), f"{start}{role}".encode())
    return status, headers, answer
