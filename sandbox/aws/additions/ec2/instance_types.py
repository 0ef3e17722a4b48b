"""EC2: the properties of instance types for clusters, from instance-types.csv, and the zones that offer them."""

import csv
from pathlib import Path
from xml.sax.saxutils import escape

from ministack.services import ec2


def _types() -> dict[str, tuple]:
    """By name: architecture, hypervisor, virtual CPUs, MiB, network interfaces, IPv4 addresses of each."""
    with (Path(__file__).parent / "instance-types.csv").open() as table:
        families = list(csv.reader(table))[1:]
    return {
        f"{family}.{name}": (architecture, hypervisor, *numbers)
        for family, architecture, hypervisor, sizes in families
        for name, *numbers in (size.split(":") for size in sizes.split(" "))
    }


_TYPES = _types()


def install() -> None:
    ec2._ACTION_MAP["DescribeInstanceTypes"] = _describe
    ec2._ACTION_MAP["DescribeInstanceTypeOfferings"] = _offerings


def _describe(p):
    wanted = ec2._parse_member_list(p, "InstanceType")
    unknown = [name for name in wanted if name not in _TYPES]
    if unknown:
        message = f"The following supplied instance types do not exist: [{escape(', '.join(unknown))}]"
        return ec2._error("InvalidInstanceType", message, 400)
    items = "".join(map(_xml, wanted))
    return ec2._xml(200, "DescribeInstanceTypesResponse", f"<instanceTypeSet>{items}</instanceTypeSet>")


def _offerings(p):
    """Every type in every zone, but for one older family: a real region has such gaps too."""
    filters = ec2._parse_filters(p)
    kind = ec2._p(p, "LocationType") or "region"
    region = ec2.get_region()
    places = [f"{region}{letter}" for letter in "abc"] if kind == "availability-zone" else [region]
    items = "".join(
        f"<item><instanceType>{name}</instanceType><locationType>{kind}</locationType><location>{place}</location></item>"
        for name in _TYPES
        for place in places
        if name in filters.get("instance-type", [name])
        if place in filters.get("location", [place])
        if not (name.startswith("m4.") and place.endswith("c"))
    )
    body = f"<instanceTypeOfferingSet>{items}</instanceTypeOfferingSet>"
    return ec2._xml(200, "DescribeInstanceTypeOfferingsResponse", body)


def _xml(name: str) -> str:
    architecture, hypervisor, cpus, memory, interfaces, addresses = _TYPES[name]
    return f"""<item>
        <instanceType>{name}</instanceType>
        <hypervisor>{hypervisor}</hypervisor>
        <processorInfo><supportedArchitectures><item>{architecture}</item></supportedArchitectures></processorInfo>
        <vCpuInfo><defaultVCpus>{cpus}</defaultVCpus></vCpuInfo>
        <memoryInfo><sizeInMiB>{memory}</sizeInMiB></memoryInfo>
        <networkInfo>
            <maximumNetworkInterfaces>{interfaces}</maximumNetworkInterfaces>
            <ipv4AddressesPerInterface>{addresses}</ipv4AddressesPerInterface>
        </networkInfo>
    </item>"""
