"""IAM: OpenID Connect providers that can be changed, and policies that have to exist."""

from xml.sax.saxutils import escape

from ministack.services import iam

_p = iam._p

#: Policies of AWS that clusters, their nodes and those who deploy are given, beside those that ministack has.
#: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
_MANAGED = {
    f"arn:aws:iam::aws:policy/{name}"
    for name in (
        "AdministratorAccess",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEC2ContainerRegistryPowerUser",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSClusterPolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSNetworkingPolicy",
        "AmazonEKSServicePolicy",
        "AmazonEKSVPCResourceController",
        "AmazonEKSWorkerNodeMinimalPolicy",
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKS_CNI_Policy",
        "AmazonS3ReadOnlyAccess",
        "AmazonSSMManagedEC2InstanceDefaultPolicy",
        "AmazonSSMManagedInstanceCore",
        "CloudWatchAgentServerPolicy",
        "PowerUserAccess",
        "ReadOnlyAccess",
        "SecurityAudit",
        "job-function/ViewOnlyAccess",
        "service-role/AmazonEBSCSIDriverPolicy",
        "service-role/AmazonEFSCSIDriverPolicy",
    )
}
#: The one of the authority that most providers' certificates are from; AWS looks it up by itself.
_THUMBPRINT = "06b25927c42a721631c1efd9431e648fa62e1e39"


def install() -> None:
    iam._IAM_HANDLERS |= {
        "AttachRolePolicy": _attach,
        "CreateOpenIDConnectProvider": _create_provider,
        "GetOpenIDConnectProvider": _get_provider,
        "AddClientIDToOpenIDConnectProvider": _of_provider(_add_client),
        "RemoveClientIDFromOpenIDConnectProvider": _of_provider(_remove_client),
        "UpdateOpenIDConnectProviderThumbprint": _of_provider(_set_thumbprints),
        "TagOpenIDConnectProvider": _of_provider(_tag),
        "UntagOpenIDConnectProvider": _of_provider(_untag),
        "ListOpenIDConnectProviderTags": _of_provider(_list_tags),
    }


def _attach(p):
    arn = _p(p, "PolicyArn")
    if arn not in _MANAGED and not iam._policy_exists(arn):
        message = f"Policy {escape(arn)} does not exist or is not attachable."
        return iam._error(404, "NoSuchEntity", message, ns="iam")
    return iam._attach_role_policy(p)


def _of_provider(change):
    """A handler that gets the provider's record beside the parameters, and answers what is inside the result."""

    def handle(p):
        arn, action = _p(p, "OpenIDConnectProviderArn"), _p(p, "Action")
        provider = iam._oidc_providers.get(arn)
        if provider is None:
            message = f"OpenIDConnect Provider not found for arn {escape(arn)}"
            return iam._error(404, "NoSuchEntity", message, ns="iam")
        inner = change(p, provider) or ""
        result = f"<{action}Result>{inner}</{action}Result>" if inner else ""
        return iam._xml(200, f"{action}Response", result, ns="iam")

    return handle


def _members(p, prefix: str) -> list[str]:
    members, n = [], 1
    while value := _p(p, f"{prefix}.member.{n}"):
        members.append(value)
        n += 1
    return members


def _create_provider(p):
    answer = iam._create_oidc_provider(p)
    for provider in iam._oidc_providers.values():
        if not provider["ThumbprintList"]:
            provider["ThumbprintList"] = [_THUMBPRINT]
    return answer


def _get_provider(p):
    status, headers, answer = iam._get_oidc_provider(p)
    return status, headers, answer.replace(b"<Url>https://", b"<Url>")


def _add_client(p, provider):
    client = _p(p, "ClientID")
    if client not in provider["ClientIDList"]:
        provider["ClientIDList"].append(client)


def _remove_client(p, provider):
    provider["ClientIDList"] = [client for client in provider["ClientIDList"] if client != _p(p, "ClientID")]


def _set_thumbprints(p, provider):
    provider["ThumbprintList"] = _members(p, "ThumbprintList")


def _tag(p, provider):
    given = iam._extract_tags(p)
    keys = [tag["Key"] for tag in given]
    provider["Tags"] = [tag for tag in provider.get("Tags", []) if tag["Key"] not in keys] + given


def _untag(p, provider):
    provider["Tags"] = [tag for tag in provider.get("Tags", []) if tag["Key"] not in _members(p, "TagKeys")]


def _list_tags(_p_, provider):
    tags = "".join(
        f"<member><Key>{escape(tag['Key'])}</Key><Value>{escape(tag['Value'])}</Value></member>"
        for tag in provider.get("Tags", [])
    )
    return f"<Tags>{tags}</Tags><IsTruncated>false</IsTruncated>"
