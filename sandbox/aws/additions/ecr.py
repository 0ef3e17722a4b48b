"""ECR: repositories of the emulated account lie in the one registry of the machine, whatever is pushed there."""

import json
import time
import urllib.error
import urllib.request

from ministack.core.responses import error_response_json, json_response
from ministack.services import ecr

from additions import lifecycle
from additions.settings import REGISTRY

_EXCLUSIONS = "imageTagMutabilityExclusionFilters"

_MANIFESTS = ", ".join(
    [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ]
)


def install() -> None:
    ecr._repo_uri = lambda name: f"{REGISTRY}/{name}"
    ecr._get_authorization_token = _with_registry(ecr._get_authorization_token)
    ecr._delete_repository = _if_empty(ecr._delete_repository)
    ecr._list_images = _of_repository(_list_images)
    ecr._describe_images = _of_repository(_describe_images)
    ecr._batch_get_image = _of_repository(_batch_get_image)
    ecr._repo_shape = _with_exclusions(ecr._repo_shape)
    ecr._create_repository = _keeping_exclusions(ecr._create_repository)
    ecr._put_image_tag_mutability = _keeping_exclusions(ecr._put_image_tag_mutability)
    ecr._put_lifecycle_policy = _if_sound(ecr._put_lifecycle_policy)


def _with_registry(get_token):
    def answered(data):
        status, headers, answer = get_token(data)
        body = json.loads(answer)
        for one in body["authorizationData"]:
            one["proxyEndpoint"] = f"http://{REGISTRY}"
        return json_response(body, status)

    return answered


def _if_empty(delete):
    """What is pushed stays in the registry after a forced delete too: other stacks of the machine run it."""

    def deleted(data):
        name = data.get("repositoryName", "")
        if name in ecr._repositories and not data.get("force") and _tags(name):
            where = f"The repository with name '{name}' in registry with id '{ecr._registry_id()}'"
            message = f"{where} cannot be deleted because it still contains images"
            return error_response_json("RepositoryNotEmptyException", message, 400)
        return delete(data)

    return deleted


def _with_exclusions(shape):
    def shaped(repository):
        filters = repository.get(_EXCLUSIONS)
        return {**shape(repository), **({_EXCLUSIONS: filters} if filters else {})}

    return shaped


def _keeping_exclusions(handler):
    def handled(data):
        filters = data.get(_EXCLUSIONS)
        if bool(filters) != data.get("imageTagMutability", "").endswith("_WITH_EXCLUSION"):
            message = f"{_EXCLUSIONS} go with a mutability WITH_EXCLUSION, and only with that"
            return error_response_json("InvalidParameterException", message, 400)
        status, headers, answer = handler(data)
        if status != 200:
            return status, headers, answer
        ecr._repositories[data["repositoryName"]][_EXCLUSIONS] = filters
        body = json.loads(answer)
        (body.get("repository") or body).update({_EXCLUSIONS: filters} if filters else {})
        return json_response(body)

    return handled


def _if_sound(put):
    def checked(data):
        fault = lifecycle.fault(data.get("lifecyclePolicyText", ""))
        if fault:
            message = f"Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: '{fault}'"
            return error_response_json("InvalidParameterException", message, 400)
        return put(data)

    return checked


def _of_repository(handler):
    def handle(data):
        name = data.get("repositoryName", "")
        if name not in ecr._repositories:
            message = f"The repository with name '{name}' does not exist in the registry with id '{ecr._registry_id()}'"
            return error_response_json("RepositoryNotFoundException", message, 400)
        return handler(name, data)

    return handle


def _ask(path: str):
    """The registry's answer: headers and body; None where it has no such thing."""
    request = urllib.request.Request(f"http://{REGISTRY}/v2/{path}", headers={"accept": _MANIFESTS})
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.headers, response.read()
    except urllib.error.HTTPError:
        return None


def _tags(name: str) -> list[str]:
    answer = _ask(f"{name}/tags/list")
    return sorted(json.loads(answer[1]).get("tags") or []) if answer else []


def _find(name: str, reference: str) -> dict | None:
    answer = _ask(f"{name}/manifests/{reference}")
    if answer is None:
        return None
    headers, manifest = answer
    return {"digest": headers["docker-content-digest"], "type": headers["content-type"], "manifest": manifest.decode()}


def _images(name: str) -> list[dict]:
    """Every image of a tag, with all tags that point to it."""
    images: dict[str, dict] = {}
    for tag in _tags(name):
        found = _find(name, tag)
        if found:
            images.setdefault(found["digest"], {**found, "tags": []})["tags"].append(tag)
    return list(images.values())


def _list_images(name, data):
    wanted = (data.get("filter") or {}).get("tagStatus")
    images = [] if wanted == "UNTAGGED" else _images(name)
    ids = [{"imageDigest": image["digest"], "imageTag": tag} for image in images for tag in image["tags"]]
    return json_response({"imageIds": ids})


def _describe_images(name, data):
    images = _images(name)
    for wanted in data.get("imageIds") or []:
        if not any(_means(image, wanted) for image in images):
            where = f"within the repository with name '{name}'"
            message = f"The image with imageId {json.dumps(wanted)} does not exist {where}"
            return error_response_json("ImageNotFoundException", message, 400)
    if data.get("imageIds"):
        images = [image for image in images if any(_means(image, wanted) for wanted in data["imageIds"])]
    details = [
        {
            "registryId": ecr._registry_id(),
            "repositoryName": name,
            "imageDigest": image["digest"],
            "imageTags": image["tags"],
            "imageSizeInBytes": sum(layer.get("size", 0) for layer in json.loads(image["manifest"]).get("layers", [])),
            "imagePushedAt": int(time.time()),
            "imageManifestMediaType": image["type"],
        }
        for image in images
    ]
    return json_response({"imageDetails": details})


def _means(image: dict, wanted: dict) -> bool:
    return wanted.get("imageDigest", image["digest"]) == image["digest"] and (
        "imageTag" not in wanted or wanted["imageTag"] in image["tags"]
    )


def _batch_get_image(name, data):
    found, failures = [], []
    for wanted in data.get("imageIds") or []:
        image = _find(name, wanted.get("imageDigest") or wanted.get("imageTag", ""))
        if image is None:
            failures.append(
                {"imageId": wanted, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
            )
            continue
        found.append(
            {
                "registryId": ecr._registry_id(),
                "repositoryName": name,
                "imageId": {**wanted, "imageDigest": image["digest"]},
                "imageManifest": image["manifest"],
                "imageManifestMediaType": image["type"],
            }
        )
    return json_response({"images": found, "failures": failures})
