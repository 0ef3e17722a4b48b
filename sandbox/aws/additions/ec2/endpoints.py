"""VPC endpoints: their policy, and the routes by which gateway endpoints are reached."""

import json
import random
from xml.sax.saxutils import escape

from ministack.services import ec2

_p = ec2._p

_OPEN = {"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}


def install() -> None:
    ec2._ACTION_MAP |= {
        "CreateVpcEndpoint": _create,
        "DescribeVpcEndpoints": _describe,
        "ModifyVpcEndpoint": _modify,
        "DeleteVpcEndpoints": _delete,
    }
    ec2._vpce_fields_xml = _with_all(ec2._vpce_fields_xml)


def _prefix_list(endpoint: dict) -> str:
    return ec2._aws_pl_id_from_name(endpoint["ServiceName"])


def _create(p):
    vpc, tables = _p(p, "VpcId"), ec2._parse_member_list(p, "RouteTableId")
    if vpc not in ec2._vpcs:
        return ec2._error("InvalidVpcId.NotFound", f"The Vpc Id {vpc} does not exist", 400)
    for table in tables:
        if table not in ec2._route_tables:
            return ec2._error("InvalidRouteTableId.NotFound", f"The routeTable ID '{table}' does not exist", 400)
    if not _p(p, "ServiceName").startswith(f"com.amazonaws.{ec2.get_region()}."):
        message = f"The Vpc Endpoint Service '{_p(p, 'ServiceName')}' does not exist"
        return ec2._error("InvalidServiceName", message, 400)
    status, headers, answer = ec2._create_vpc_endpoint(p)
    identity = answer.split(b"<vpcEndpointId>")[1].split(b"</vpcEndpointId>")[0].decode()
    endpoint = ec2._vpc_endpoints[identity]
    interface = endpoint["VpcEndpointType"] == "Interface"
    endpoint |= {
        "PolicyDocument": _p(p, "PolicyDocument") or json.dumps(_OPEN),
        "SecurityGroupIds": ec2._parse_member_list(p, "SecurityGroupId"),
        "PrivateDnsEnabled": interface and _p(p, "PrivateDnsEnabled") != "false",
        "NetworkInterfaceIds": [f"eni-{random.randrange(16**17):017x}" for _ in endpoint["SubnetIds"]],
        "CreationTimestamp": ec2._now_ts(),
    }
    for table in tables:
        _add_route(endpoint, table)
    return ec2._xml(200, "CreateVpcEndpointResponse", ec2._vpce_fields_xml(endpoint, tag="vpcEndpoint"))


def _add_route(endpoint: dict, table: str) -> None:
    route = {"DestinationPrefixListId": _prefix_list(endpoint), "GatewayId": endpoint["VpcEndpointId"]}
    ec2._route_tables[table]["Routes"].append({**route, "State": "active", "Origin": "CreateRoute"})


def _remove_routes(endpoint: dict, tables: list[str]) -> None:
    for table in tables:
        if table in ec2._route_tables:
            routes = ec2._route_tables[table]["Routes"]
            kept = [route for route in routes if route.get("GatewayId") != endpoint["VpcEndpointId"]]
            ec2._route_tables[table]["Routes"] = kept


def _describe(p):
    ids, filters = ec2._parse_member_list(p, "VpcEndpointId"), ec2._parse_filters(p)
    items = ""
    for endpoint in ec2._vpc_endpoints.values():
        have = {
            "vpc-endpoint-id": endpoint["VpcEndpointId"],
            "vpc-endpoint-type": endpoint["VpcEndpointType"],
            "vpc-id": endpoint["VpcId"],
            "service-name": endpoint["ServiceName"],
            "vpc-endpoint-state": endpoint["State"],
        }
        if ids and endpoint["VpcEndpointId"] not in ids:
            continue
        if any(have[name] not in values for name, values in filters.items() if name in have):
            continue
        if ec2._resource_matches_tag_filters(endpoint["VpcEndpointId"], filters):
            items += ec2._vpce_fields_xml(endpoint)
    return ec2._xml(200, "DescribeVpcEndpointsResponse", f"<vpcEndpointSet>{items}</vpcEndpointSet>")


def _with_all(render):
    def rendered(endpoint: dict, tag: str = "item") -> str:
        groups = "".join(
            f"<item><groupId>{group}</groupId><groupName>{ec2._security_groups[group]['GroupName']}</groupName></item>"
            for group in endpoint.get("SecurityGroupIds", [])
            if group in ec2._security_groups
        )
        interfaces = "".join(f"<item>{one}</item>" for one in endpoint.get("NetworkInterfaceIds", []))
        more = (
            f"<policyDocument>{escape(endpoint.get('PolicyDocument', json.dumps(_OPEN)))}</policyDocument>"
            f"<privateDnsEnabled>{str(endpoint.get('PrivateDnsEnabled', False)).lower()}</privateDnsEnabled>"
            "<requesterManaged>false</requesterManaged><ipAddressType>ipv4</ipAddressType>"
            f"<groupSet>{groups}</groupSet><networkInterfaceIdSet>{interfaces}</networkInterfaceIdSet><dnsEntrySet/>"
            f"<creationTimestamp>{endpoint.get('CreationTimestamp', ec2._now_ts())}</creationTimestamp>"
        )
        return render(endpoint, tag).replace("<routeTableIdSet>", f"{more}<routeTableIdSet>", 1)

    return rendered


def _modify(p):
    endpoint = ec2._vpc_endpoints.get(_p(p, "VpcEndpointId"))
    if endpoint is None:
        return ec2._modify_vpc_endpoint(p)
    for member, parameter in (
        ("RouteTableIds", "RouteTableId"),
        ("SubnetIds", "SubnetId"),
        ("SecurityGroupIds", "SecurityGroupId"),
    ):
        add = ec2._parse_member_list(p, f"Add{parameter}")
        remove = ec2._parse_member_list(p, f"Remove{parameter}")
        old = endpoint.get(member, [])
        endpoint[member] = list(dict.fromkeys([one for one in old if one not in remove] + add))
        if member == "RouteTableIds":
            _remove_routes(endpoint, remove)
            for table in add:
                if table not in old:
                    _add_route(endpoint, table)
    if _p(p, "PolicyDocument"):
        endpoint["PolicyDocument"] = _p(p, "PolicyDocument")
    if _p(p, "ResetPolicy") == "true":
        endpoint["PolicyDocument"] = json.dumps(_OPEN)
    if _p(p, "PrivateDnsEnabled"):
        endpoint["PrivateDnsEnabled"] = _p(p, "PrivateDnsEnabled") == "true"
    return ec2._xml(200, "ModifyVpcEndpointResponse", "<return>true</return>")


def _delete(p):
    failed = ""
    for identity in ec2._parse_member_list(p, "VpcEndpointId"):
        endpoint = ec2._vpc_endpoints.get(identity)
        if endpoint:
            _remove_routes(endpoint, endpoint["RouteTableIds"])
            ec2._delete_vpc_endpoints({"VpcEndpointId.1": [identity]})
            continue
        message = f"The Vpc Endpoint Id '{identity}' does not exist"
        error = f"<error><code>InvalidVpcEndpoint.NotFound</code><message>{message}</message></error>"
        failed += f"<item>{error}<resourceId>{identity}</resourceId></item>"
    return ec2._xml(200, "DeleteVpcEndpointsResponse", f"<unsuccessful>{failed}</unsuccessful>")
