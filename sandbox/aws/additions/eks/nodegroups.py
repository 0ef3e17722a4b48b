"""Managed node groups of a launch template, each with an Auto Scaling group behind its name."""

import time
import uuid

from ministack.services import autoscaling, ec2, eks

from additions.eks import clusters, updates

_CREATION = 1


def missing(name: str):
    return eks._error(404, "ResourceNotFoundException", f"No node group found for name: {name}.")


def create(cluster_name: str, body: dict):
    cluster, name = clusters.find(cluster_name), body["nodegroupName"]
    if cluster is None:
        return clusters.missing(cluster_name)
    if cluster["status"] == "CREATING":
        return eks._error(400, "InvalidRequestException", f"Cluster '{cluster_name}' is not in ACTIVE status")
    if f"{cluster_name}/{name}" in eks._nodegroups:
        message = f"NodeGroup already exists with name {name} and cluster name {cluster_name}"
        return eks._error(409, "ResourceInUseException", message)
    template, fault = _template(body.get("launchTemplate") or {})
    fault = fault or _fault(body, template)
    if fault:
        return clusters.invalid(fault)
    group = _record(cluster, body, template)
    eks._nodegroups[f"{cluster_name}/{name}"] = group
    _create_auto_scaling_group(group)
    return eks._json_resp(200, {"nodegroup": _answer(group)})


def _template(given: dict) -> tuple[dict, str | None]:
    """The names of a version of a launch template (`{id, name, version}`) and its data, or the error."""
    found = ec2._launch_templates.get(given.get("id"))
    if found is None:
        return {}, f"Launch template {given.get('id')} does not exist"
    version = str(given.get("version"))
    data = next((v["LaunchTemplateData"] for v in found["Versions"] if str(v["VersionNumber"]) == version), None)
    if data is None:
        return {}, f"Version {version} of launch template {found['LaunchTemplateId']} does not exist"
    names = {"id": found["LaunchTemplateId"], "name": found["LaunchTemplateName"], "version": version}
    return {"names": names, "data": data}, None


def _fault(body: dict, template: dict) -> str | None:
    unknown = [subnet for subnet in body.get("subnets") or [""] if subnet not in ec2._subnets]
    if unknown:
        return f"The subnet ID '{unknown[0]}' does not exist"
    if "InstanceType" in template["data"] and body.get("instanceTypes"):
        return "You cannot specify an instance type both in the launch template and in the API request."
    return _size_fault(body["scalingConfig"])


def _size_fault(scaling: dict) -> str | None:
    fits = scaling["minSize"] <= scaling["desiredSize"] <= scaling["maxSize"]
    return None if fits else "Desired capacity must lie between minimum and maximum size"


def _record(cluster: dict, body: dict, template: dict) -> dict:
    name, now = body["nodegroupName"], time.time()
    group = {
        "nodegroupName": name,
        "nodegroupArn": eks._nodegroup_arn(cluster["name"], name),
        "clusterName": cluster["name"],
        "version": cluster["version"],
        "createdAt": now,
        "status": "CREATING",
        "capacityType": body.get("capacityType", "ON_DEMAND"),
        "scalingConfig": body["scalingConfig"],
        "subnets": body["subnets"],
        "amiType": "CUSTOM",
        "nodeRole": body["nodeRole"],
        "launchTemplate": template["names"],
        "updateConfig": body.get("updateConfig") or {"maxUnavailable": 1},
        "nodeRepairConfig": body.get("nodeRepairConfig") or {"enabled": False},
        "health": {"issues": []},
        "resources": {"autoScalingGroups": [{"name": f"eks-{name}-{uuid.uuid4()}"}]},
        "tags": body.get("tags") or {},
        "_active_at": now + _CREATION,
    }
    if "InstanceType" not in template["data"]:
        group["instanceTypes"] = body.get("instanceTypes") or ["t3.medium"]
    return group


def _auto_scaling_name(group: dict) -> str:
    return group["resources"]["autoScalingGroups"][0]["name"]


def _sizes(group: dict) -> dict:
    scaling = group["scalingConfig"]
    sizes = {"MinSize": "minSize", "MaxSize": "maxSize", "DesiredCapacity": "desiredSize"}
    return {"AutoScalingGroupName": _auto_scaling_name(group), **{to: str(scaling[of]) for to, of in sizes.items()}}


def _create_auto_scaling_group(group: dict) -> None:
    zones = dict.fromkeys(ec2._subnets[subnet]["AvailabilityZone"] for subnet in group["subnets"])
    params = {**_sizes(group), "VPCZoneIdentifier": ",".join(group["subnets"])}
    autoscaling._create_asg(params | {f"AvailabilityZones.member.{n}": zone for n, zone in enumerate(zones, 1)})


def _answer(group: dict) -> dict:
    """The group with its current status, and the desired size of its Auto Scaling group, whoever set it."""
    if time.time() >= group["_active_at"]:
        group["status"] = "ACTIVE"
    behind = autoscaling._asgs.get(_auto_scaling_name(group))
    if behind:
        group["scalingConfig"]["desiredSize"] = behind["DesiredCapacity"]
    return eks._sanitize(group)


def describe(cluster: str, name: str):
    group = eks._nodegroups.get(f"{cluster}/{name}")
    return eks._json_resp(200, {"nodegroup": _answer(group)}) if group else missing(name)


def delete(cluster: str, name: str):
    group = eks._nodegroups.pop(f"{cluster}/{name}", None)
    if group is None:
        return missing(name)
    autoscaling._ACTION_MAP["DeleteAutoScalingGroup"]({"AutoScalingGroupName": _auto_scaling_name(group)})
    return eks._json_resp(200, {"nodegroup": {**_answer(group), "status": "DELETING"}})


def _begin_update(group: dict, kind: str, params: dict):
    group["status"], group["_active_at"] = "UPDATING", time.time() + updates.DURATION
    return updates.begin(group["clusterName"], kind, params)


def update_config(cluster: str, name: str, body: dict):
    group = eks._nodegroups.get(f"{cluster}/{name}")
    if group is None:
        return missing(name)
    scaling = {**_answer(group)["scalingConfig"], **(body.get("scalingConfig") or {})}
    fault = _size_fault(scaling)
    if fault:
        return clusters.invalid(fault)
    group |= {member: body[member] for member in ("updateConfig", "nodeRepairConfig") if body.get(member)}
    group["scalingConfig"] = scaling
    autoscaling._ACTION_MAP["UpdateAutoScalingGroup"](_sizes(group))
    return _begin_update(group, "ConfigUpdate", body)


def update_version(cluster_name: str, name: str, body: dict):
    group, cluster = eks._nodegroups.get(f"{cluster_name}/{name}"), clusters.find(cluster_name)
    if group is None or cluster is None:
        return missing(name)
    template, fault = _template(body.get("launchTemplate") or {})
    if fault:
        return clusters.invalid(fault)
    group |= {"launchTemplate": template["names"], "version": cluster["version"]}
    return _begin_update(group, "VersionUpdate", {"LaunchTemplateVersion": template["names"]["version"]})
