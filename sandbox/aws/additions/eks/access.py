"""Access entries: who may use the cluster's API, and as what."""

import re

from ministack.services import eks

_POLICY = re.compile(r"arn:aws:eks::aws:cluster-access-policy/AmazonEKS\w+")


def _username(principal: str, kind: str) -> str:
    """What EKS fills in where none is given."""
    if ":role/" not in principal:
        return principal
    if kind != "STANDARD":
        return "system:node:{{EC2PrivateDNSName}}"
    account, name = principal.split(":")[4], principal.rsplit("/", 1)[-1]
    return f"arn:aws:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}"


def create_entry(cluster: str, body: dict):
    status, headers, answer = eks._create_access_entry(cluster, body)
    if status != 200:
        return status, headers, answer
    return eks._json_resp(200, {"accessEntry": complete_entry(cluster, body["principalArn"])})


def complete_entry(cluster: str, principal: str) -> dict:
    """Fills in what EKS does; does nothing where there is no entry."""
    entry = eks._access_entries.get(eks._ae_key(cluster, principal)) or {}
    if entry and not entry["username"]:
        entry["username"] = _username(principal, entry["type"])
    if entry and entry["type"] == "EC2_LINUX":
        entry["kubernetesGroups"] = ["system:nodes"]
    return entry


def associate_policy(cluster: str, principal: str, body: dict):
    policy = body.get("policyArn", "")
    if not _POLICY.fullmatch(policy):
        return eks._error(400, "InvalidParameterException", f"The policyArn parameter format is not valid: {policy}")
    return eks._associate_access_policy(cluster, principal, body)


def add_node_role(cluster: dict, role: str) -> None:
    """As EKS does for a managed node group, unless the cluster knows nodes by its ConfigMap alone."""
    if cluster["accessConfig"]["authenticationMode"] != "CONFIG_MAP":
        create_entry(cluster["name"], {"principalArn": role, "type": "EC2_LINUX"})


def remove_node_role(cluster: str, role: str) -> None:
    entry = eks._access_entries.get(eks._ae_key(cluster, role))
    if entry and entry["type"] == "EC2_LINUX":
        eks._delete_access_entry(cluster, role)
