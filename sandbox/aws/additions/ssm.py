"""SSM: the public parameters by which AWS names its machine images for EKS.

https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html; a release that is not the recommended one has its
image's name in place of "recommended": https://github.com/awslabs/amazon-eks-ami (releases, "AMI SSM param").
"""

import datetime as dt
import hashlib
import json
import re

from ministack.core.responses import get_region
from ministack.services import ec2, ssm

from additions.eks import versions

_RECOMMENDED = "v20260915"
#: The account that publishes them.
_OWNER = "602401143452"
_PARAMETER = re.compile(
    r"/aws/service/eks/optimized-ami/(?P<version>1\.\d\d)/amazon-linux-2023/(?P<arch>x86_64|arm64)/standard/"
    r"(?:recommended|amazon-eks-node-al2023-(?P<named>x86_64|arm64)-standard-(?P<of>1\.\d\d)-(?P<date>v\d{8}))"
    r"/(?P<part>image_id|image_name|release_version)"
)
_WHOLE = re.compile(
    r"/aws/service/eks/optimized-ami/(?P<version>1\.\d\d)/amazon-linux-2023/(?P<arch>x86_64|arm64)/standard/recommended"
)


def install() -> None:
    original = ssm._public_parameter
    ssm._public_parameter = lambda name: _parameter(name) or original(name)


def _parameter(name: str) -> dict | None:
    found = _PARAMETER.fullmatch(name)
    whole = None if found else _WHOLE.fullmatch(name)
    if found:
        release = found["date"] or _RECOMMENDED
        if found["date"] and (found["named"], found["of"]) != (found["arch"], found["version"]):
            return None
        image = _image(found["version"], found["arch"], release)
        return image and _answer(name, image[found["part"]])
    image = _image(whole["version"], whole["arch"], _RECOMMENDED) if whole else None
    return image and _answer(name, json.dumps({"schema_version": "2", **image}))


def _image(version: str, arch: str, release: str) -> dict | None:
    """Any day counts as one of a release; it has an image of its own in each region, which EC2 knows from then on."""
    if version not in versions.PATCHES or not _is_day(release):
        return None
    image_name = f"amazon-eks-node-al2023-{arch}-standard-{version}-{release}"
    image_id = f"ami-{hashlib.sha256(f'{get_region()}/{image_name}'.encode()).hexdigest()[:17]}"
    _register(image_id, image_name, arch, release)
    return {
        "image_id": image_id,
        "image_name": image_name,
        "release_version": f"{versions.PATCHES[version]}-{release[1:]}",
    }


def _is_day(release: str) -> bool:
    try:
        dt.datetime.strptime(release, "v%Y%m%d")
        return True
    except ValueError:
        return False


def _register(image_id: str, name: str, arch: str, release: str) -> None:
    image = {
        "ImageId": image_id,
        "Name": name,
        "ImageLocation": "",
        "Description": "EKS-optimized Kubernetes node based on Amazon Linux 2023",
        "Architecture": arch,
        "RootDeviceType": "ebs",
        "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [],
        "VirtualizationType": "hvm",
        "CreationDate": f"{release[1:5]}-{release[5:7]}-{release[7:]}T00:00:00.000Z",
        "OwnerId": _OWNER,
        "LaunchPermissions": [{"Group": "all"}],
    }
    ec2._images.set_scoped(_OWNER, get_region(), image_id, image)


def _answer(name: str, value: str) -> dict:
    return {
        "Name": name,
        "Type": "String",
        "Value": value,
        "Version": 1,
        "LastModifiedDate": 1789430400,
        "DataType": "text",
        "ARN": f"arn:aws:ssm:{get_region()}::parameter{name}",
    }
