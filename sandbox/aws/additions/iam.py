"""IAM: OpenID Connect providers that can be changed, and attached policies that must exist."""

from xml.sax.saxutils import escape

from ministack.services import iam

_p = iam._p

#: AWS managed policies of clusters, their nodes and deployers that ministack does not have.
#: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
_MANAGED = {
    f"arn:aws:iam::aws:policy/{name}"
    for name in (
        "AdministratorAccess",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKSClusterPolicy",
        "AmazonEKSWorkerNodeMinimalPolicy",
        "AmazonEKS_CNI_Policy",
        "AmazonSSMManagedInstanceCore",
        "service-role/AmazonEBSCSIDriverPolicy",
    )
}


def install() -> None:
    iam._IAM_HANDLERS |= {
        "AttachRolePolicy": _attach,
        "GetOpenIDConnectProvider": _get_provider,
        "AddClientIDToOpenIDConnectProvider": _of_provider(_add_client),
        "RemoveClientIDFromOpenIDConnectProvider": _of_provider(_remove_client),
        "TagOpenIDConnectProvider": _of_provider(_tag),
        "UntagOpenIDConnectProvider": _of_provider(_untag),
    }


def _attach(p):
    arn = _p(p, "PolicyArn")
    if arn not in _MANAGED and not iam._policy_exists(arn):
        message = f"Policy {escape(arn)} does not exist or is not attachable."
        return iam._error(404, "NoSuchEntity", message, ns="iam")
    return iam._attach_role_policy(p)


def _get_provider(p):
    """IAM returns the URL without its scheme."""
    status, headers, answer = iam._get_oidc_provider(p)
    return status, headers, answer.replace(b"<Url>https://", b"<Url>")


def _of_provider(change):
    """A handler that also gets the provider's record."""

    def handle(p):
        arn = _p(p, "OpenIDConnectProviderArn")
        provider = iam._oidc_providers.get(arn)
        if provider is None:
            message = f"OpenIDConnect Provider not found for arn {escape(arn)}"
            return iam._error(404, "NoSuchEntity", message, ns="iam")
        change(p, provider)
        return iam._xml(200, f"{_p(p, 'Action')}Response", "", ns="iam")

    return handle


def _add_client(p, provider):
    provider["ClientIDList"].append(_p(p, "ClientID"))


def _remove_client(p, provider):
    provider["ClientIDList"] = [client for client in provider["ClientIDList"] if client != _p(p, "ClientID")]


def _tag(p, provider):
    given = iam._extract_tags(p)
    keys = [tag["Key"] for tag in given]
    provider["Tags"] = [tag for tag in provider.get("Tags", []) if tag["Key"] not in keys] + given


def _untag(p, provider):
    keys, n = [], 1
    while key := _p(p, f"TagKeys.member.{n}"):
        keys.append(key)
        n += 1
    provider["Tags"] = [tag for tag in provider.get("Tags", []) if tag["Key"] not in keys]
