"""Clusters as EKS has them, all with the same Kubernetes API behind their endpoint."""

import time

from ministack.core.responses import get_account_id
from ministack.services import ec2, eks

from additions.eks import access, cluster_network, updates, versions
from additions.settings import CLUSTER_ENDPOINT, CLUSTER_SERVICE_CIDR, cluster_authority

#: Seconds until a new cluster is active. AWS takes ten minutes.
_CREATION = 1

_LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_AUTHENTICATION_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")

#: What UpdateClusterConfig takes: the member of the request, and the type of the update that AWS makes of it.
_UPDATES = {
    "logging": "LoggingUpdate",
    "accessConfig": "AccessConfigUpdate",
    "upgradePolicy": "UpgradePolicyUpdate",
    "deletionProtection": "DeletionProtectionUpdate",
    "zonalShiftConfig": "ZonalShiftConfigUpdate",
    "computeConfig": "AutoModeUpdate",
    "storageConfig": "AutoModeUpdate",
    "kubernetesNetworkConfig": "AutoModeUpdate",
}


def missing(name: str):
    return eks._error(404, "ResourceNotFoundException", f"No cluster found for name: {name}.")


def invalid(message: str):
    return eks._error(400, "InvalidParameterException", message)


def create(body: dict, creator: str | None):
    name = body.get("name", "")
    version = body.get("version") or versions.DEFAULT
    vpc_config = body.get("resourcesVpcConfig") or {}
    if not name:
        return invalid("Cluster name is required.")
    if name in eks._clusters:
        return eks._error(409, "ResourceInUseException", f"Cluster already exists with name: {name}")
    if version not in versions.offered():
        return invalid(f"unsupported Kubernetes version {version}")
    fault = cluster_network.fault(vpc_config.get("subnetIds") or [])
    if fault:
        return invalid(fault)
    cluster = _record(name, version, body, cluster_network.describe(name, vpc_config))
    eks._clusters[name] = cluster
    # What is not told counts as yes, and only this call knows it.
    eks._bootstrap_creator_access_entry(name, body, creator)
    if creator:
        access.complete_entry(name, creator)
    return eks._json_resp(200, {"cluster": eks._sanitize(cluster)})


def _record(name: str, version: str, body: dict, network: dict) -> dict:
    given, access_config = body.get("kubernetesNetworkConfig") or {}, body.get("accessConfig") or {}
    return {
        "name": name,
        "arn": eks._cluster_arn(name),
        "createdAt": time.time(),
        "version": version,
        "platformVersion": versions.PLATFORM,
        "endpoint": CLUSTER_ENDPOINT,
        "certificateAuthority": {"data": cluster_authority()},
        "roleArn": body.get("roleArn", f"arn:aws:iam::{get_account_id()}:role/eks-role"),
        "resourcesVpcConfig": network,
        "kubernetesNetworkConfig": {
            # Where none is asked for, what the API behind it really has.
            "serviceIpv4Cidr": given.get("serviceIpv4Cidr") or CLUSTER_SERVICE_CIDR,
            "ipFamily": given.get("ipFamily") or "ipv4",
            "elasticLoadBalancing": given.get("elasticLoadBalancing") or {"enabled": False},
        },
        "logging": _logging(body.get("logging") or {}),
        "identity": {"oidc": {"issuer": f"https://oidc.eks.amazonaws.com/id/{eks._new_oidc_id()}"}},
        "status": "CREATING",
        "tags": body.get("tags") or {},
        "encryptionConfig": body.get("encryptionConfig") or [],
        "accessConfig": {"authenticationMode": access_config.get("authenticationMode", "CONFIG_MAP")},
        "upgradePolicy": body.get("upgradePolicy") or {"supportType": "EXTENDED"},
        "deletionProtection": bool(body.get("deletionProtection", False)),
        "computeConfig": body.get("computeConfig") or {"enabled": False},
        "storageConfig": body.get("storageConfig") or {"blockStorage": {"enabled": False}},
        "health": {"issues": []},
        "_settled_at": time.time() + _CREATION,
        # Told of clusters only that were given one.
        **({"zonalShiftConfig": body["zonalShiftConfig"]} if body.get("zonalShiftConfig") else {}),
    }


def _logging(given: dict) -> dict:
    on = {kind for part in given.get("clusterLogging") or [] if part.get("enabled") for kind in part.get("types") or []}
    parts = [
        {"types": [kind for kind in _LOG_TYPES if kind in on], "enabled": True},
        {"types": [kind for kind in _LOG_TYPES if kind not in on], "enabled": False},
    ]
    return {"clusterLogging": [part for part in parts if part["types"]]}


def find(name: str) -> dict | None:
    """The cluster, its status as it is by now."""
    cluster = eks._clusters.get(name)
    if cluster and time.time() >= cluster["_settled_at"]:
        cluster["status"] = "ACTIVE"
    return cluster


def describe(name: str):
    cluster = find(name)
    if cluster is None:
        return missing(name)
    # The authority may have been made anew since.
    cluster["certificateAuthority"]["data"] = cluster_authority()
    return eks._json_resp(200, {"cluster": eks._sanitize(cluster)})


def _begin(cluster: dict, kind: str, params: dict):
    cluster["status"] = "UPDATING"
    cluster["_settled_at"] = time.time() + updates.DURATION
    return updates.begin(cluster["name"], kind, params)


def update_config(name: str, body: dict):
    cluster = find(name)
    if cluster is None:
        return missing(name)
    if cluster["status"] != "ACTIVE":
        return eks._error(409, "ResourceInUseException", f"Cluster {name} is not ACTIVE: {cluster['status']}")
    if "resourcesVpcConfig" in body:
        return _update_network(cluster, body["resourcesVpcConfig"])
    given = next((member for member in _UPDATES if member in body), None)
    if given is None:
        return invalid("No changes needed for the given request")
    value = body[given]
    if given == "logging":
        old = {kind: part["enabled"] for part in cluster["logging"]["clusterLogging"] for kind in part["types"]}
        new = {kind: part["enabled"] for part in value.get("clusterLogging") or [] for kind in part.get("types") or []}
        value = _logging({"clusterLogging": [{"types": [k], "enabled": v} for k, v in {**old, **new}.items()]})
    if given == "accessConfig":
        old_mode, new_mode = cluster["accessConfig"]["authenticationMode"], value.get("authenticationMode")
        if _AUTHENTICATION_MODES.index(new_mode) < _AUTHENTICATION_MODES.index(old_mode):
            return invalid(f"Unsupported authentication mode update from {old_mode} to {new_mode}")
        value = {"authenticationMode": new_mode}
    if given == "kubernetesNetworkConfig":
        value = {**cluster[given], **value}
    if cluster.get(given) == value:
        return invalid(f"Cluster is already at the desired configuration with {given}: {value}")
    cluster[given] = value
    return _begin(cluster, _UPDATES[given], {given: value})


def _update_network(cluster: dict, given: dict):
    network = cluster["resourcesVpcConfig"]
    if "subnetIds" in given:
        fault = cluster_network.fault(given["subnetIds"])
        if fault:
            return invalid(fault)
    changes = {member: value for member, value in given.items() if network.get(member) != value}
    if not changes:
        return invalid("Cluster is already at the desired configuration")
    network.update(changes)
    kind = "VpcConfigUpdate" if {"subnetIds", "securityGroupIds"} & set(changes) else "EndpointAccessUpdate"
    return _begin(cluster, kind, changes)


def update_version(name: str, body: dict):
    cluster = find(name)
    if cluster is None:
        return missing(name)
    old, new = cluster["version"], body.get("version", "")
    if old == new:
        return invalid(f"Cluster is already at version {new}")
    if new not in versions.offered():
        return invalid(f"unsupported Kubernetes version {new}")
    if int(new.split(".")[1]) != int(old.split(".")[1]) + 1:
        return invalid(f"Unsupported Kubernetes minor version update from {old} to {new}")
    cluster["version"] = new
    return _begin(cluster, "VersionUpdate", {"Version": new, "PlatformVersion": versions.PLATFORM})


def encrypt(name: str, body: dict):
    status, headers, answer = eks._associate_encryption_config(name, body)
    if status != 200:
        return status, headers, answer
    return _begin(eks._clusters[name], "AssociateEncryptionConfig", {"EncryptionConfig": body["encryptionConfig"]})


def delete(name: str):
    cluster = find(name)
    if cluster is None:
        return missing(name)
    if cluster["deletionProtection"]:
        return eks._error(
            400,
            "InvalidRequestException",
            f"Cannot delete cluster {name} because deletion protection is enabled. Disable it first.",
        )
    if any(key.startswith(f"{name}/") for key in eks._nodegroups):
        return eks._error(409, "ResourceInUseException", "Cluster has nodegroups attached")
    for key in [key for key in eks._addons if key.startswith(f"{name}/")]:
        eks._addons.pop(key, None)
    updates.forget(name)
    ec2._security_groups.pop(cluster["resourcesVpcConfig"]["clusterSecurityGroupId"], None)
    return eks._delete_cluster(name)
