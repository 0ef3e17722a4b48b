"""EKS add-ons with their versions, and the Pod Identity associations that belong to them."""

import json

from ministack.services import eks

from additions.eks import clusters, updates, versions

#: The default version first.
_VERSIONS = {
    "vpc-cni": ["v1.20.4-eksbuild.2", "v1.20.3-eksbuild.1", "v1.19.6-eksbuild.7"],
    "coredns": ["v1.12.4-eksbuild.1", "v1.12.3-eksbuild.1", "v1.11.4-eksbuild.24"],
    "kube-proxy": ["v1.35.0-eksbuild.2", "v1.34.1-eksbuild.2", "v1.33.5-eksbuild.2"],
    "eks-pod-identity-agent": ["v1.3.10-eksbuild.1", "v1.3.9-eksbuild.3"],
    "aws-ebs-csi-driver": ["v1.52.1-eksbuild.1", "v1.51.1-eksbuild.1"],
    "metrics-server": ["v0.8.0-eksbuild.3", "v0.8.0-eksbuild.2"],
}


def _offered(name: str, cluster_version: str) -> list[str]:
    if name == "kube-proxy":
        return [version for version in _VERSIONS[name] if version.startswith(f"v{cluster_version}.")]
    return _VERSIONS.get(name, [])


def describe_versions(query):
    """DescribeAddonVersions."""
    wanted = (query.get("addonName") or [None])[0]
    cluster = (query.get("kubernetesVersion") or [None])[0]
    if wanted and wanted not in _VERSIONS:
        return clusters.invalid(f"Addon {wanted} specified is not supported")
    clusters_served = [cluster] if cluster else versions.offered()
    answer = [
        {
            "addonName": name,
            "type": "networking" if name in ("vpc-cni", "coredns", "kube-proxy") else "other",
            "owner": "aws",
            "publisher": "eks",
            "addonVersions": [
                {
                    "addonVersion": version,
                    "architecture": ["amd64", "arm64"],
                    "compatibilities": [
                        {
                            "clusterVersion": served,
                            "platformVersions": ["*"],
                            "defaultVersion": version == _offered(name, served)[0],
                        }
                        for served in clusters_served
                        if version in _offered(name, served)
                    ],
                    "requiresConfiguration": False,
                    "requiresIamPermissions": name in ("vpc-cni", "aws-ebs-csi-driver"),
                }
                for version in _VERSIONS[name]
                if any(version in _offered(name, served) for served in clusters_served)
            ],
        }
        for name in ([wanted] if wanted else _VERSIONS)
    ]
    return eks._json_resp(200, {"addons": answer})


def _fault(body: dict, name: str, cluster: dict) -> str | None:
    if name not in _VERSIONS:
        return f"Addon {name} specified is not supported in {cluster['version']} kubernetes version"
    if body.get("addonVersion") and body["addonVersion"] not in _offered(name, cluster["version"]):
        return "Addon version specified is not supported"
    if body.get("configurationValues"):
        try:
            json.loads(body["configurationValues"])
        except json.JSONDecodeError:
            return "ConfigurationValue provided in request is not supported: Json schema validation failed"
    return None


def create(cluster_name: str, body: dict):
    cluster = clusters.find(cluster_name)
    if cluster is None:
        return clusters.missing(cluster_name)
    name = body.get("addonName", "")
    fault = _fault(body, name, cluster)
    if fault:
        return clusters.invalid(fault)
    version = body.get("addonVersion") or _offered(name, cluster["version"])[0]
    status, headers, answer = eks._create_addon(cluster_name, {**body, "addonVersion": version})
    if status != 200:
        return status, headers, answer
    addon = eks._addons[f"{cluster_name}/{name}"]
    for member in ("serviceAccountRoleArn", "configurationValues"):
        if not body.get(member):
            addon.pop(member, None)
    addon["podIdentityAssociations"] = []
    fault = _associate(addon, body.get("podIdentityAssociations") or [])
    if fault:
        eks._addons.pop(f"{cluster_name}/{name}", None)
        return fault
    return eks._json_resp(200, {"addon": addon})


def _associate(addon: dict, wanted: list[dict]):
    """Makes the associations, which replace those that the add-on has; returns the error of one that cannot be made."""
    _dissociate(addon)
    namespace = "kube-system"
    for one in wanted:
        status, headers, answer = eks._create_pod_identity_association(
            addon["clusterName"], {"namespace": namespace, **one}
        )
        if status != 200:
            return status, headers, answer
        made = json.loads(answer)["association"]
        eks._pod_identity_associations[eks._pia_key(addon["clusterName"], made["associationId"])]["ownerArn"] = addon[
            "addonArn"
        ]
        addon["podIdentityAssociations"].append(made["associationArn"])
    return None


def _dissociate(addon: dict) -> None:
    for arn in addon["podIdentityAssociations"]:
        eks._delete_pod_identity_association(addon["clusterName"], arn.rsplit("/", 1)[-1])
    addon["podIdentityAssociations"] = []


def update(cluster_name: str, name: str, body: dict):
    addon, cluster = eks._addons.get(f"{cluster_name}/{name}"), clusters.find(cluster_name)
    if addon is None or cluster is None:
        return eks._update_addon(cluster_name, name, body)
    fault = _fault(body, name, cluster)
    if fault:
        return clusters.invalid(fault)
    plain = {key: value for key, value in body.items() if key != "podIdentityAssociations"}
    eks._update_addon(cluster_name, name, plain)
    if "podIdentityAssociations" in body:
        failed = _associate(addon, body["podIdentityAssociations"])
        if failed:
            return failed
    return updates.begin(cluster_name, "AddonUpdate", plain, addon=name)


def delete(cluster_name: str, name: str):
    addon = eks._addons.get(f"{cluster_name}/{name}")
    if addon:
        _dissociate(addon)
    return eks._delete_addon(cluster_name, name)
