"""Clusters, all with the same Kubernetes API behind their endpoint."""

import time

from ministack.services import ec2, eks

from additions.eks import cluster_network, updates, versions
from additions.environment import CLUSTER_ENDPOINT, CLUSTER_SERVICE_CIDR, cluster_authority

#: Seconds until a new cluster is active. AWS takes ten minutes.
_CREATION = 1

_LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")

#: Members of UpdateClusterConfig, with the type of the update.
_UPDATES = {
    "logging": "LoggingUpdate",
    "accessConfig": "AccessConfigUpdate",
    "upgradePolicy": "UpgradePolicyUpdate",
    "deletionProtection": "DeletionProtectionUpdate",
}


def missing(name: str):
    return eks._error(404, "ResourceNotFoundException", f"No cluster found for name: {name}.")


def invalid(message: str):
    return eks._error(400, "InvalidParameterException", message)


def create(body: dict):
    name, version, vpc_config = body["name"], body.get("version", ""), body["resourcesVpcConfig"]
    if name in eks._clusters:
        return eks._error(409, "ResourceInUseException", f"Cluster already exists with name: {name}")
    if version not in versions.offered():
        return invalid(f"unsupported Kubernetes version {version}")
    fault = cluster_network.fault(vpc_config["subnetIds"])
    if fault:
        return invalid(fault)
    cluster = _record(name, body, cluster_network.describe(name, vpc_config))
    eks._clusters[name] = cluster
    return eks._json_resp(200, {"cluster": eks._sanitize(cluster)})


def _record(name: str, body: dict, network: dict) -> dict:
    services = (body.get("kubernetesNetworkConfig") or {}).get("serviceIpv4Cidr")
    mode = (body.get("accessConfig") or {}).get("authenticationMode", "CONFIG_MAP")
    return {
        "name": name,
        "arn": eks._cluster_arn(name),
        "createdAt": time.time(),
        "version": body["version"],
        "platformVersion": versions.PLATFORM,
        "endpoint": CLUSTER_ENDPOINT,
        "certificateAuthority": {"data": cluster_authority()},
        "roleArn": body["roleArn"],
        "resourcesVpcConfig": network,
        # By default, the range of the API behind it.
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": services or CLUSTER_SERVICE_CIDR, "ipFamily": "ipv4"},
        "logging": _logging(body.get("logging") or {}),
        "status": "CREATING",
        "tags": body.get("tags") or {},
        "encryptionConfig": body.get("encryptionConfig") or [],
        "accessConfig": {"authenticationMode": mode},
        "upgradePolicy": body.get("upgradePolicy") or {"supportType": "EXTENDED"},
        "deletionProtection": bool(body.get("deletionProtection", False)),
        "health": {"issues": []},
        "_active_at": time.time() + _CREATION,
    }


def _logging(given: dict) -> dict:
    on = {kind for part in given.get("clusterLogging") or [] if part.get("enabled") for kind in part.get("types") or []}
    parts = [
        {"types": [kind for kind in _LOG_TYPES if kind in on], "enabled": True},
        {"types": [kind for kind in _LOG_TYPES if kind not in on], "enabled": False},
    ]
    return {"clusterLogging": [part for part in parts if part["types"]]}


def find(name: str) -> dict | None:
    """The cluster with its current status."""
    cluster = eks._clusters.get(name)
    if cluster and time.time() >= cluster["_active_at"]:
        cluster["status"] = "ACTIVE"
    return cluster


def describe(name: str):
    cluster = find(name)
    if cluster is None:
        return missing(name)
    # The authority may have been replaced since.
    cluster["certificateAuthority"]["data"] = cluster_authority()
    return eks._json_resp(200, {"cluster": eks._sanitize(cluster)})


def _begin_update(cluster: dict, kind: str, params: dict):
    cluster["status"] = "UPDATING"
    cluster["_active_at"] = time.time() + updates.DURATION
    return updates.begin(cluster["name"], kind, params)


def update_config(name: str, body: dict):
    cluster = find(name)
    if cluster is None:
        return missing(name)
    if cluster["status"] != "ACTIVE":
        return eks._error(409, "ResourceInUseException", f"Cluster {name} is not ACTIVE: {cluster['status']}")
    if "resourcesVpcConfig" in body:
        return _update_network(cluster, body["resourcesVpcConfig"])
    given = next(member for member in _UPDATES if member in body)
    # Callers name every type of log.
    value = _logging(body[given]) if given == "logging" else body[given]
    if cluster[given] == value:
        return invalid(f"Cluster is already at the desired configuration with {given}: {value}")
    cluster[given] = value
    return _begin_update(cluster, _UPDATES[given], {given: value})


def _update_network(cluster: dict, given: dict):
    network = cluster["resourcesVpcConfig"]
    fault = cluster_network.fault(given["subnetIds"]) if "subnetIds" in given else None
    changes = {member: value for member, value in given.items() if network.get(member) != value}
    if fault or not changes:
        return invalid(fault or "Cluster is already at the desired configuration")
    network.update(changes)
    return _begin_update(cluster, "VpcConfigUpdate" if "subnetIds" in changes else "EndpointAccessUpdate", changes)


def update_version(name: str, body: dict):
    cluster, new = find(name), body.get("version", "")
    if cluster is None:
        return missing(name)
    if new not in versions.offered():
        return invalid(f"unsupported Kubernetes version {new}")
    old = cluster["version"]
    if int(new.split(".")[1]) != int(old.split(".")[1]) + 1:
        return invalid(f"Unsupported Kubernetes minor version update from {old} to {new}")
    cluster["version"] = new
    return _begin_update(cluster, "VersionUpdate", {"Version": new, "PlatformVersion": versions.PLATFORM})


def delete(name: str):
    cluster = find(name)
    if cluster is None:
        return missing(name)
    if cluster["deletionProtection"]:
        message = f"Cannot delete cluster {name} because deletion protection is enabled. Disable it first."
        return eks._error(400, "InvalidRequestException", message)
    if any(key.startswith(f"{name}/") for key in eks._nodegroups):
        return eks._error(409, "ResourceInUseException", "Cluster has nodegroups attached")
    for key in [key for key in eks._addons if key.startswith(f"{name}/")]:
        eks._addons.pop(key, None)
    updates.forget(name)
    ec2._security_groups.pop(cluster["resourcesVpcConfig"]["clusterSecurityGroupId"], None)
    return eks._delete_cluster(name)
