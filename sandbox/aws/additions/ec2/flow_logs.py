"""Flow logs with all that they are made with."""

from xml.sax.saxutils import escape

from ministack.services import ec2

_p = ec2._p
_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} "
    "${bytes} ${start} ${end} ${action} ${log-status}"
)
_RECORDS = {"VPC": ec2._vpcs, "Subnet": ec2._subnets}


def install() -> None:
    ec2._ACTION_MAP |= {"CreateFlowLogs": _create, "DescribeFlowLogs": _describe, "DeleteFlowLogs": _delete}


def _create(p):
    kind = _p(p, "ResourceType")
    for identity in ec2._parse_member_list(p, "ResourceId"):
        if kind in _RECORDS and identity not in _RECORDS[kind]:
            code, message = f"Invalid{kind}Id.NotFound", f"The {kind} ID '{identity}' does not exist"
            error = f"<error><code>{code}</code><message>{message}</message></error>"
            item = f"<item>{error}<resourceId>{identity}</resourceId></item>"
            answer = f"<flowLogIdSet/><unsuccessful>{item}</unsuccessful>"
            return ec2._xml(200, "CreateFlowLogsResponse", answer)
    before = set(ec2._flow_logs.keys())
    status, headers, answer = ec2._create_flow_logs(p)
    for identity in ec2._flow_logs.keys():
        if identity not in before:
            _complete(ec2._flow_logs[identity], p)
            ec2._parse_tag_specs(p, "vpc-flow-log", identity)
    return status, headers, answer


def _complete(log: dict, p) -> None:
    log |= {
        "LogGroupName": _p(p, "LogGroupName"),
        "DeliverLogsPermissionArn": _p(p, "DeliverLogsPermissionArn"),
        "LogFormat": _p(p, "LogFormat") or _FORMAT,
        "MaxAggregationInterval": int(_p(p, "MaxAggregationInterval") or 600),
        "DestinationOptions": {
            member: _p(p, f"DestinationOption.{member}")
            for member in ("FileFormat", "HiveCompatiblePartitions", "PerHourPartition")
            if _p(p, f"DestinationOption.{member}")
        },
    }
    if log["LogDestinationType"] == "cloud-watch-logs" and not log["LogGroupName"]:
        log["LogGroupName"] = log["LogDestination"].removesuffix(":*").rsplit(":", 1)[-1]


def _describe(p):
    ids, filters = ec2._parse_member_list(p, "FlowLogId"), ec2._parse_filters(p)
    items = ""
    for log in ec2._flow_logs.values():
        have = {
            "flow-log-id": log["FlowLogId"],
            "resource-id": log["ResourceId"],
            "traffic-type": log["TrafficType"],
            "log-destination-type": log["LogDestinationType"],
            "log-group-name": log.get("LogGroupName"),
        }
        if ids and log["FlowLogId"] not in ids:
            continue
        if any(have[name] not in values for name, values in filters.items() if name in have):
            continue
        if ec2._resource_matches_tag_filters(log["FlowLogId"], filters):
            items += _xml(log)
    return ec2._xml(200, "DescribeFlowLogsResponse", f"<flowLogSet>{items}</flowLogSet>")


def _xml(log: dict) -> str:
    members = {
        "flowLogId": log["FlowLogId"],
        "resourceId": log["ResourceId"],
        "trafficType": log["TrafficType"],
        "logDestinationType": log["LogDestinationType"],
        "logDestination": log["LogDestination"],
        "logGroupName": log.get("LogGroupName"),
        "deliverLogsPermissionArn": log.get("DeliverLogsPermissionArn"),
        "deliverLogsStatus": "SUCCESS",
        "flowLogStatus": log["FlowLogStatus"],
        "logFormat": log.get("LogFormat", _FORMAT),
        "maxAggregationInterval": log.get("MaxAggregationInterval", 600),
        "creationTime": log["CreationTime"],
    }
    inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in members.items() if value)
    options = log.get("DestinationOptions") or {}
    if options:
        told = {name[0].lower() + name[1:]: value for name, value in options.items()}
        text = "".join(f"<{name}>{value}</{name}>" for name, value in told.items())
        inner += f"<destinationOptions>{text}</destinationOptions>"
    return f"<item>{inner}{ec2._tag_set_xml(log['FlowLogId'])}</item>"


def _delete(p):
    failed = ""
    for identity in ec2._parse_member_list(p, "FlowLogId"):
        if identity not in ec2._flow_logs:
            message = f"The specified flow log '{identity}' does not exist"
            error = f"<error><code>InvalidFlowLogId.NotFound</code><message>{message}</message></error>"
            failed += f"<item>{error}<resourceId>{identity}</resourceId></item>"
    status, headers, answer = ec2._delete_flow_logs(p)
    return status, headers, answer.replace(b"<unsuccessful/>", f"<unsuccessful>{failed}</unsuccessful>".encode())
