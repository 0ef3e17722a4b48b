"""The part of a cluster in its VPC."""

import random
import re

from ministack.services import ec2


def fault(subnet_ids: list[str]) -> str | None:
    """The reason why EKS refuses these subnets, if any."""
    for subnet_id in subnet_ids:
        if subnet_id not in ec2._subnets:
            return f"The subnet ID '{subnet_id}' does not exist (Service: Ec2, Status Code: 400)"
    subnets = [ec2._subnets[subnet_id] for subnet_id in subnet_ids]
    if len({subnet["VpcId"] for subnet in subnets}) != 1:
        return "Subnets must all belong to one VPC"
    if len({subnet["AvailabilityZone"] for subnet in subnets}) < 2:
        return "Subnets specified must be in at least two different AZs"
    return None


def describe(name: str, given: dict) -> dict:
    """The network of a new cluster, with a security group of its own."""
    vpc_id = ec2._subnets[given["subnetIds"][0]]["VpcId"]
    return {
        "subnetIds": given["subnetIds"],
        "clusterSecurityGroupId": _security_group(name, vpc_id),
        "vpcId": vpc_id,
        "endpointPublicAccess": given.get("endpointPublicAccess", True),
        "endpointPrivateAccess": given.get("endpointPrivateAccess", False),
        "publicAccessCidrs": given.get("publicAccessCidrs") or ["0.0.0.0/0"],
    }


def _security_group(name: str, vpc_id: str) -> str:
    """Nodes and control plane reach each other in it; EKS creates and deletes it with the cluster."""
    group_name = f"eks-cluster-sg-{name}-{random.randrange(10**9)}"
    _, _, answer = ec2._create_security_group({"GroupName": [group_name], "VpcId": [vpc_id]})
    group_id = re.search(rb"<groupId>(.*?)</groupId>", answer).group(1).decode()
    itself = {"IpPermissions.1.IpProtocol": ["-1"], "IpPermissions.1.Groups.1.GroupId": [group_id]}
    ec2._authorize_sg_ingress({"GroupId": [group_id], **itself})
    ec2._tags[group_id] = [{"Key": f"kubernetes.io/cluster/{name}", "Value": "owned"}]
    return group_id
