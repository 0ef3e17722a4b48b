"""EKS add-ons with their versions."""

import json

from ministack.services import eks

from additions.eks import clusters, updates

#: The default version first.
_VERSIONS = {
    "vpc-cni": ["v1.20.4-eksbuild.2", "v1.20.3-eksbuild.1", "v1.19.6-eksbuild.7"],
    "coredns": ["v1.12.4-eksbuild.1", "v1.12.3-eksbuild.1", "v1.11.4-eksbuild.24"],
    "kube-proxy": ["v1.36.0-eksbuild.14", "v1.35.0-eksbuild.2", "v1.34.1-eksbuild.2", "v1.33.5-eksbuild.2"],
    "eks-pod-identity-agent": ["v1.3.10-eksbuild.1", "v1.3.9-eksbuild.3"],
    "amazon-cloudwatch-observability": ["v4.5.0-eksbuild.1", "v4.4.0-eksbuild.1"],
    "aws-ebs-csi-driver": ["v1.52.1-eksbuild.1", "v1.51.1-eksbuild.1"],
}


def _offered(name: str, cluster_version: str) -> list[str]:
    if name == "kube-proxy":
        return [version for version in _VERSIONS[name] if version.startswith(f"v{cluster_version}.")]
    return _VERSIONS.get(name, [])


def _fault(body: dict, name: str, cluster: dict) -> str | None:
    if name not in _VERSIONS:
        return f"Addon {name} specified is not supported in {cluster['version']} kubernetes version"
    if body.get("addonVersion") and body["addonVersion"] not in _offered(name, cluster["version"]):
        return "Addon version specified is not supported"
    try:
        json.loads(body.get("configurationValues") or "{}")
    except json.JSONDecodeError:
        return "ConfigurationValue provided in request is not supported: Json schema validation failed"
    return None


def create(cluster_name: str, body: dict):
    cluster, name = clusters.find(cluster_name), body.get("addonName", "")
    if cluster is None:
        return clusters.missing(cluster_name)
    fault = _fault(body, name, cluster)
    if fault:
        return clusters.invalid(fault)
    version = body.get("addonVersion") or _offered(name, cluster["version"])[0]
    return eks._create_addon(cluster_name, {**body, "addonVersion": version})


def update(cluster_name: str, name: str, body: dict):
    cluster = clusters.find(cluster_name)
    fault = _fault(body, name, cluster) if cluster else None
    if fault:
        return clusters.invalid(fault)
    status, headers, answer = eks._update_addon(cluster_name, name, body)
    return updates.begin(cluster_name, "AddonUpdate", body) if status == 200 else (status, headers, answer)
