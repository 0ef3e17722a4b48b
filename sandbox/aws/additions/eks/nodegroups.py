"""Managed node groups, each with an Auto Scaling group behind its name."""

import re
import time
import uuid

from ministack.core.responses import get_account_id
from ministack.services import autoscaling, ec2, eks

from additions.eks import access, clusters, launch_templates, updates, versions

_CREATION = 1
_DEFAULT_AMI_TYPE = "AL2023_x86_64_STANDARD"
_MANAGED_RELEASE = "20260915"


def missing(name: str):
    return eks._error(404, "ResourceNotFoundException", f"No node group found for name: {name}.")


def _key(cluster: str, name: str) -> str:
    return f"{cluster}/{name}"


def create(cluster_name: str, body: dict):
    cluster = clusters.find(cluster_name)
    if cluster is None:
        return clusters.missing(cluster_name)
    if cluster["status"] == "CREATING":
        return eks._error(400, "InvalidRequestException", f"Cluster '{cluster_name}' is not in ACTIVE status")
    name = body.get("nodegroupName", "")
    if _key(cluster_name, name) in eks._nodegroups:
        message = f"NodeGroup already exists with name {name} and cluster name {cluster_name}"
        return eks._error(409, "ResourceInUseException", message)
    template, fault = launch_templates.find(body.get("launchTemplate"))
    fault = fault or _fault(body, template, cluster)
    if fault:
        return clusters.invalid(fault)
    group = _record(cluster, body, template)
    eks._nodegroups[_key(cluster_name, name)] = group
    if group["tags"]:
        eks._tags[group["nodegroupArn"]] = dict(group["tags"])
    _create_auto_scaling_group(group, template)
    access.add_node_role(cluster, group["nodeRole"])
    return eks._json_resp(200, {"nodegroup": _answer(group)})


def _fault(body: dict, template: dict | None, cluster: dict) -> str | None:
    data = template["data"] if template else {}
    scaling = body.get("scalingConfig") or {}
    unknown = [subnet for subnet in body.get("subnets") or [] if subnet not in ec2._subnets]
    if unknown or not body.get("subnets"):
        return f"The subnet ID '{(unknown or [''])[0]}' does not exist"
    if template and "diskSize" in body:
        return "Disk size must be specified within the launch template."
    if "ImageId" in data and body.get("amiType") not in (None, "CUSTOM"):
        return "You cannot specify an AMI Type other than CUSTOM, when specifying an image id in your launch template."
    if "ImageId" in data and (body.get("version") or body.get("releaseVersion")):
        return "You cannot specify the field version when using custom AMI"
    if "InstanceType" in data and body.get("instanceTypes"):
        return "You cannot specify an instance type both in the launch template and in the API request."
    if "IamInstanceProfile" in data:
        return "You cannot specify an instance profile in the launch template."
    if scaling and not scaling.get("minSize", 0) <= scaling.get("desiredSize", 0) <= scaling.get("maxSize", 0):
        return "Desired capacity must lie between minimum and maximum size"
    version = body.get("version") or cluster["version"]
    if version not in versions.PATCHES or version > cluster["version"]:
        return f"Requested Nodegroup version {version} is not supported by the cluster's {cluster['version']}"
    return None


def _record(cluster: dict, body: dict, template: dict | None) -> dict:
    name, now = body["nodegroupName"], time.time()
    data = template["data"] if template else {}
    version = body.get("version") or cluster["version"]
    group = {
        "nodegroupName": name,
        "nodegroupArn": eks._nodegroup_arn(cluster["name"], name),
        "clusterName": cluster["name"],
        "version": version,
        "releaseVersion": data.get("ImageId") or body.get("releaseVersion") or _release(version),
        "createdAt": now,
        "modifiedAt": now,
        "status": "CREATING",
        "capacityType": body.get("capacityType", "ON_DEMAND"),
        "scalingConfig": body.get("scalingConfig") or {"minSize": 1, "maxSize": 2, "desiredSize": 2},
        "subnets": body["subnets"],
        "amiType": "CUSTOM" if "ImageId" in data else body.get("amiType") or _DEFAULT_AMI_TYPE,
        "nodeRole": body.get("nodeRole", f"arn:aws:iam::{get_account_id()}:role/eks-node-role"),
        "labels": body.get("labels") or {},
        "taints": body.get("taints") or [],
        "updateConfig": body.get("updateConfig") or {"maxUnavailable": 1},
        "nodeRepairConfig": body.get("nodeRepairConfig") or {"enabled": False},
        "health": {"issues": []},
        "resources": {"autoScalingGroups": [{"name": f"eks-{name}-{uuid.uuid4()}"}]},
        "tags": body.get("tags") or {},
        "_settled_at": now + _CREATION,
    }
    if "InstanceType" not in data:
        group["instanceTypes"] = body.get("instanceTypes") or ["t3.medium"]
    if template:
        group["launchTemplate"] = {key: template[key] for key in ("id", "name", "version")}
    else:
        group["diskSize"] = body.get("diskSize", 20)
    return group


def _release(version: str) -> str:
    return f"{versions.PATCHES[version]}-{_MANAGED_RELEASE}"


def _auto_scaling_name(group: dict) -> str:
    return group["resources"]["autoScalingGroups"][0]["name"]


def _create_auto_scaling_group(group: dict, template: dict | None) -> None:
    name, scaling = _auto_scaling_name(group), group["scalingConfig"]
    cluster, zones = group["clusterName"], [ec2._subnets[subnet]["AvailabilityZone"] for subnet in group["subnets"]]
    tags = {
        "eks:cluster-name": cluster,
        "eks:nodegroup-name": group["nodegroupName"],
        f"kubernetes.io/cluster/{cluster}": "owned",
        f"k8s.io/cluster-autoscaler/{cluster}": "owned",
        "k8s.io/cluster-autoscaler/enabled": "true",
    }
    params = {
        "AutoScalingGroupName": name,
        "MinSize": str(scaling["minSize"]),
        "MaxSize": str(scaling["maxSize"]),
        "DesiredCapacity": str(scaling["desiredSize"]),
        "VPCZoneIdentifier": ",".join(group["subnets"]),
        "HealthCheckGracePeriod": "15",
        **{f"AvailabilityZones.member.{n}": zone for n, zone in enumerate(dict.fromkeys(zones), 1)},
    }
    for n, (key, value) in enumerate(tags.items(), 1):
        params |= {f"Tags.member.{n}.Key": key, f"Tags.member.{n}.Value": value}
        params |= {f"Tags.member.{n}.PropagateAtLaunch": "true"}
    if template:
        params |= {"LaunchTemplate.LaunchTemplateId": template["id"], "LaunchTemplate.Version": template["version"]}
    autoscaling._create_asg(params)


def _answer(group: dict) -> dict:
    """The group as it is by now; the number of nodes wanted is the Auto Scaling group's, whoever has set it."""
    if time.time() >= group["_settled_at"]:
        group["status"] = "ACTIVE"
    behind = autoscaling._asgs.get(_auto_scaling_name(group))
    if behind:
        group["scalingConfig"]["desiredSize"] = behind["DesiredCapacity"]
    return eks._sanitize(group)


def describe(cluster: str, name: str):
    group = eks._nodegroups.get(_key(cluster, name))
    return eks._json_resp(200, {"nodegroup": _answer(group)}) if group else missing(name)


def delete(cluster_name: str, name: str):
    group = eks._nodegroups.pop(_key(cluster_name, name), None)
    if group is None:
        return missing(name)
    eks._tags.pop(group["nodegroupArn"], None)
    autoscaling._ACTION_MAP["DeleteAutoScalingGroup"]({"AutoScalingGroupName": _auto_scaling_name(group)})
    left = [other["nodeRole"] for key, other in eks._nodegroups.items() if key.startswith(f"{cluster_name}/")]
    if group["nodeRole"] not in left:
        access.remove_node_role(cluster_name, group["nodeRole"])
    return eks._json_resp(200, {"nodegroup": {**_answer(group), "status": "DELETING"}})


def _begin(group: dict, kind: str, params: dict):
    group["status"], group["modifiedAt"] = "UPDATING", time.time()
    group["_settled_at"] = time.time() + updates.DURATION
    return updates.begin(group["clusterName"], kind, params, nodegroup=group["nodegroupName"])


def update_config(cluster: str, name: str, body: dict):
    group = eks._nodegroups.get(_key(cluster, name))
    if group is None:
        return missing(name)
    labels, taints = body.get("labels") or {}, body.get("taints") or {}
    kept = {key: value for key, value in group["labels"].items() if key not in (labels.get("removeLabels") or [])}
    group["labels"] = {**kept, **(labels.get("addOrUpdateLabels") or {})}
    group["taints"] = _changed_taints(group["taints"], taints)
    for member in ("updateConfig", "nodeRepairConfig"):
        if body.get(member):
            group[member] = body[member]
    if body.get("scalingConfig"):
        scaling = {**_answer(group)["scalingConfig"], **body["scalingConfig"]}
        if not scaling["minSize"] <= scaling["desiredSize"] <= scaling["maxSize"]:
            return clusters.invalid("Desired capacity must lie between minimum and maximum size")
        group["scalingConfig"] = scaling
        params = {"MinSize": scaling["minSize"], "MaxSize": scaling["maxSize"]}
        params |= {"DesiredCapacity": scaling["desiredSize"], "AutoScalingGroupName": _auto_scaling_name(group)}
        autoscaling._ACTION_MAP["UpdateAutoScalingGroup"]({key: str(value) for key, value in params.items()})
    return _begin(group, "ConfigUpdate", body)


def _changed_taints(old: list[dict], change: dict) -> list[dict]:
    def same(taint: dict) -> tuple:
        return taint.get("key"), taint.get("effect")

    gone = {same(taint) for part in ("removeTaints", "addOrUpdateTaints") for taint in change.get(part) or []}
    return [taint for taint in old if same(taint) not in gone] + (change.get("addOrUpdateTaints") or [])


def update_version(cluster_name: str, name: str, body: dict):
    group, cluster = eks._nodegroups.get(_key(cluster_name, name)), clusters.find(cluster_name)
    if group is None or cluster is None:
        return missing(name)
    template, fault = launch_templates.find(body.get("launchTemplate"))
    if fault:
        return clusters.invalid(fault)
    custom = group["amiType"] == "CUSTOM"
    if custom and (body.get("version") or body.get("releaseVersion")):
        return clusters.invalid("You cannot specify the field version when using custom AMI")
    if template:
        group["launchTemplate"] = {key: template[key] for key in ("id", "name", "version")}
        behind = autoscaling._asgs.get(_auto_scaling_name(group))
        if behind:
            behind["LaunchTemplate"] |= {"LaunchTemplateId": template["id"], "Version": template["version"]}
    version = body.get("version") or (cluster["version"] if custom or not template else group["version"])
    release = body.get("releaseVersion") or _release(version)
    if re.match(r"\d+\.\d+", release) and not release.startswith(version):
        return clusters.invalid(f"Requested release version {release} is not valid for kubernetes version {version}")
    group["version"] = version
    group["releaseVersion"] = template["data"].get("ImageId", release) if template else release
    return _begin(group, "VersionUpdate", {"Version": version, "ReleaseVersion": group["releaseVersion"]})
