"""EC2: true facts of the instance types that clusters are made of, from instance-types.csv."""

import csv
from pathlib import Path
from xml.sax.saxutils import escape

from ministack.services import ec2

_TABLE = Path(__file__).parent / "instance-types.csv"


def _families() -> dict[str, dict]:
    """By family its facts, and of each size: virtual CPUs, MiB, network interfaces, IPv4 addresses of each."""
    with _TABLE.open() as table:
        rows = list(csv.reader(table))[1:]
    return {
        family: {
            "architecture": architecture,
            "hypervisor": hypervisor,
            "burstable": burstable == "yes",
            "current": current == "yes",
            "clockGhz": clock,
            "manufacturer": manufacturer,
            "threadsPerCore": int(threads),
            "sizes": {
                size.split(":")[0]: [int(number) for number in size.split(":")[1:]] for size in sizes.split(" ")
            },
        }
        for family, architecture, hypervisor, burstable, current, clock, manufacturer, threads, sizes in rows
    }


_FAMILIES = _families()


def install() -> None:
    ec2._ACTION_MAP |= {
        "DescribeInstanceTypes": _describe,
        "DescribeInstanceTypeOfferings": _describe_offerings,
    }


def _all() -> list[str]:
    return [f"{family}.{size}" for family, facts in _FAMILIES.items() for size in facts["sizes"]]


def _known(name: str) -> bool:
    family, _, size = name.partition(".")
    return size in _FAMILIES.get(family, {}).get("sizes", {})


def _describe(p):
    wanted = ec2._parse_member_list(p, "InstanceType")
    unknown = [name for name in wanted if not _known(name)]
    if unknown:
        message = f"The following supplied instance types do not exist: [{escape(', '.join(unknown))}]"
        return ec2._error("InvalidInstanceType", message, 400)
    filters = ec2._parse_filters(p)
    items = "".join(_xml(name) for name in wanted or _all() if _fits(name, filters))
    return ec2._xml(200, "DescribeInstanceTypesResponse", f"<instanceTypeSet>{items}</instanceTypeSet>")


def _fits(name: str, filters: dict) -> bool:
    facts = _FAMILIES[name.split(".")[0]]
    have = {
        "instance-type": name,
        "processor-info.supported-architecture": facts["architecture"],
        "hypervisor": facts["hypervisor"],
        "current-generation": str(facts["current"]).lower(),
    }
    return all(have[key] in values for key, values in filters.items() if key in have)


def _xml(name: str) -> str:
    family, size = name.split(".")
    facts = _FAMILIES[family]
    cpus, memory, interfaces, addresses = facts["sizes"][size]
    threads = facts["threadsPerCore"] if cpus > 1 else 1
    nitro = facts["hypervisor"] == "nitro"
    return f"""<item>
        <instanceType>{name}</instanceType>
        <currentGeneration>{_text(facts["current"])}</currentGeneration>
        <freeTierEligible>{_text(name in ("t2.micro", "t3.micro"))}</freeTierEligible>
        <supportedUsageClasses><item>on-demand</item><item>spot</item></supportedUsageClasses>
        <supportedRootDeviceTypes><item>ebs</item></supportedRootDeviceTypes>
        <supportedVirtualizationTypes><item>hvm</item></supportedVirtualizationTypes>
        <bareMetal>false</bareMetal>
        <hypervisor>{facts["hypervisor"]}</hypervisor>
        <processorInfo>
            <supportedArchitectures><item>{facts["architecture"]}</item></supportedArchitectures>
            <sustainedClockSpeedInGhz>{facts["clockGhz"]}</sustainedClockSpeedInGhz>
            <manufacturer>{facts["manufacturer"]}</manufacturer>
        </processorInfo>
        <vCpuInfo>
            <defaultVCpus>{cpus}</defaultVCpus>
            <defaultCores>{cpus // threads}</defaultCores>
            <defaultThreadsPerCore>{threads}</defaultThreadsPerCore>
        </vCpuInfo>
        <memoryInfo><sizeInMiB>{memory}</sizeInMiB></memoryInfo>
        <instanceStorageSupported>false</instanceStorageSupported>
        <ebsInfo>
            <ebsOptimizedSupport>{"default" if nitro else "unsupported"}</ebsOptimizedSupport>
            <encryptionSupport>supported</encryptionSupport>
            <nvmeSupport>{"required" if nitro else "unsupported"}</nvmeSupport>
        </ebsInfo>
        <networkInfo>
            <maximumNetworkInterfaces>{interfaces}</maximumNetworkInterfaces>
            <maximumNetworkCards>1</maximumNetworkCards>
            <defaultNetworkCardIndex>0</defaultNetworkCardIndex>
            <networkCards><item>
                <networkCardIndex>0</networkCardIndex>
                <maximumNetworkInterfaces>{interfaces}</maximumNetworkInterfaces>
            </item></networkCards>
            <ipv4AddressesPerInterface>{addresses}</ipv4AddressesPerInterface>
            <ipv6AddressesPerInterface>{addresses}</ipv6AddressesPerInterface>
            <ipv6Supported>true</ipv6Supported>
            <enaSupport>{"required" if nitro else "unsupported"}</enaSupport>
            <efaSupported>false</efaSupported>
            <encryptionInTransitSupported>false</encryptionInTransitSupported>
        </networkInfo>
        <placementGroupInfo>
            <supportedStrategies><item>partition</item><item>spread</item></supportedStrategies>
        </placementGroupInfo>
        <hibernationSupported>false</hibernationSupported>
        <burstablePerformanceSupported>{_text(facts["burstable"])}</burstablePerformanceSupported>
        <dedicatedHostsSupported>{_text(not facts["burstable"])}</dedicatedHostsSupported>
        <autoRecoverySupported>true</autoRecoverySupported>
    </item>"""


def _text(value: bool) -> str:
    return str(value).lower()


def _describe_offerings(p):
    """Every type is to be had in every zone."""
    kind = ec2._p(p, "LocationType") or "region"
    region = ec2.get_region()
    places = [region] if kind == "region" else [f"{region}{letter}" for letter in "abc"]
    filters = ec2._parse_filters(p)
    items = "".join(
        f"<item><instanceType>{name}</instanceType><locationType>{kind}</locationType>"
        f"<location>{place}</location></item>"
        for name in _all()
        for place in places
        if name in filters.get("instance-type", [name]) and place in filters.get("location", [place])
    )
    return ec2._xml(
        200, "DescribeInstanceTypeOfferingsResponse", f"<instanceTypeOfferingSet>{items}</instanceTypeOfferingSet>"
    )
