"""SSM: the public parameters of AWS for its EKS machine images.

https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html; another release has the name of its image
instead of "recommended": https://github.com/awslabs/amazon-eks-ami (releases, "AMI SSM param").
"""

import datetime as dt
import hashlib
import re

from ministack.core.responses import get_region
from ministack.services import ssm

from additions.eks import versions

_RECOMMENDED = "v20260915"
_PARAMETER = re.compile(
    r"/aws/service/eks/optimized-ami/(?P<version>1\.\d\d)/amazon-linux-2023/(?P<arch>x86_64|arm64)/standard/"
    r"(?:recommended|amazon-eks-node-al2023-(?P=arch)-standard-(?P=version)-(?P<date>v\d{8}))/image_id"
)


def install() -> None:
    original = ssm._public_parameter
    ssm._public_parameter = lambda name: _parameter(name) or original(name)


def _parameter(name: str) -> dict | None:
    """Any day counts as a release, with an image of its own in each region."""
    found = _PARAMETER.fullmatch(name)
    release = (found and found["date"]) or _RECOMMENDED
    if not found or found["version"] not in versions.VERSIONS or not _is_day(release):
        return None
    image = f"{get_region()}/{found['arch']}-{found['version']}-{release}"
    return {
        "Name": name,
        "Type": "String",
        "Value": f"ami-{hashlib.sha256(image.encode()).hexdigest()[:17]}",
        "Version": 1,
        "LastModifiedDate": 1789430400,
        "ARN": f"arn:aws:ssm:{get_region()}::parameter{name}",
    }


def _is_day(release: str) -> bool:
    try:
        dt.datetime.strptime(release, "v%Y%m%d")
        return True
    except ValueError:
        return False
