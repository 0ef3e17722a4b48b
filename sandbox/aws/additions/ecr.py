"""ECR: the images of all repositories are in the one registry of the machine."""

import json
import urllib.error
import urllib.request

from ministack.core.responses import error_response_json, json_response
from ministack.services import ecr

from additions import ecr_lifecycle_policy
from additions.environment import REGISTRY

_EXCLUSIONS = "imageTagMutabilityExclusionFilters"


def install() -> None:
    ecr._get_authorization_token = _with_registry(ecr._get_authorization_token)
    ecr._delete_repository = _if_empty(ecr._delete_repository)
    ecr._repo_shape = _with_exclusions(ecr._repo_shape)
    ecr._create_repository = _with_stored_exclusions(ecr._create_repository)
    ecr._put_image_tag_mutability = _with_stored_exclusions(ecr._put_image_tag_mutability)
    ecr._put_lifecycle_policy = _if_valid(ecr._put_lifecycle_policy)


def _with_registry(get_token):
    def answered(data):
        status, headers, answer = get_token(data)
        body = json.loads(answer)
        for one in body["authorizationData"]:
            one["proxyEndpoint"] = f"http://{REGISTRY}"
        return json_response(body, status)

    return answered


def _if_empty(delete):
    """Images stay in the registry, also after a forced delete: other stacks of the machine run them."""

    def deleted(data):
        name = data.get("repositoryName", "")
        if name in ecr._repositories and not data.get("force") and _has_images(name):
            where = f"The repository with name '{name}' in registry with id '{ecr._registry_id()}'"
            message = f"{where} cannot be deleted because it still contains images"
            return error_response_json("RepositoryNotEmptyException", message, 400)
        return delete(data)

    return deleted


def _has_images(name: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{REGISTRY}/v2/{name}/tags/list", timeout=5) as response:
            return bool(json.loads(response.read()).get("tags"))
    except urllib.error.HTTPError:
        return False


def _with_exclusions(shape):
    def shaped(repository):
        filters = repository.get(_EXCLUSIONS)
        return {**shape(repository), **({_EXCLUSIONS: filters} if filters else {})}

    return shaped


def _with_stored_exclusions(handler):
    def handled(data):
        filters = data.get(_EXCLUSIONS)
        if bool(filters) != data.get("imageTagMutability", "").endswith("_WITH_EXCLUSION"):
            message = f"{_EXCLUSIONS} go with a mutability WITH_EXCLUSION, and only with that"
            return error_response_json("InvalidParameterException", message, 400)
        answer = handler(data)
        if answer[0] == 200:
            ecr._repositories[data["repositoryName"]][_EXCLUSIONS] = filters
        return answer

    return handled


def _if_valid(put):
    def checked(data):
        fault = ecr_lifecycle_policy.fault(data.get("lifecyclePolicyText", ""))
        if fault:
            message = f"Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: '{fault}'"
            return error_response_json("InvalidParameterException", message, 400)
        return put(data)

    return checked
