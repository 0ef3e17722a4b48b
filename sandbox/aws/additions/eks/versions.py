"""Kubernetes versions that EKS offers. https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html"""

import datetime as dt

from ministack.services import eks

#: Version, day of release, end of standard support.
_VERSIONS = [
    ("1.35", dt.date(2026, 1, 27), dt.date(2027, 3, 27)),
    ("1.34", dt.date(2025, 10, 2), dt.date(2026, 12, 2)),
    ("1.33", dt.date(2025, 5, 29), dt.date(2026, 7, 29)),
]
DEFAULT = "1.35"
PATCHES = {"1.35": "1.35.4", "1.34": "1.34.4", "1.33": "1.33.8"}
PLATFORM = "eks.7"
#: Extended support follows the standard one for a year.
_EXTENDED = dt.timedelta(days=365)


def offered() -> list[str]:
    """Versions of which a cluster can be made: in standard or in extended support."""
    return [version for version, _, end in _VERSIONS if _status(end) != "UNSUPPORTED"]


def describe(query):
    """DescribeClusterVersions. Those out of support only when asked for."""
    wanted = query.get("clusterVersions")
    for version in wanted or []:
        if version not in PATCHES:
            return eks._error(400, "InvalidParameterException", f"The specified version {version} is not supported")
    statuses = query.get("versionStatus") or query.get("status")
    found = [
        version
        for version in map(_describe, _VERSIONS)
        if (not wanted or version["clusterVersion"] in wanted)
        and (not statuses or version["versionStatus"] in [status.upper() for status in statuses])
        and (not _true(query, "defaultOnly") or version["defaultVersion"])
        and (wanted or statuses or _true(query, "includeAll") or version["versionStatus"] != "UNSUPPORTED")
    ]
    return eks._json_resp(200, {"clusterVersions": found})


def _describe(row) -> dict:
    version, released, end = row
    return {
        "clusterVersion": version,
        "clusterType": "eks",
        "defaultPlatformVersion": PLATFORM,
        "defaultVersion": version == DEFAULT,
        "releaseDate": _epoch(released),
        "endOfStandardSupportDate": _epoch(end),
        "endOfExtendedSupportDate": _epoch(end + _EXTENDED),
        "status": _status(end).lower().replace("_", "-"),
        "versionStatus": _status(end),
        "kubernetesPatchVersion": PATCHES[version],
    }


def _status(end: dt.date) -> str:
    today = dt.datetime.now(dt.timezone.utc).date()
    if today <= end:
        return "STANDARD_SUPPORT"
    return "EXTENDED_SUPPORT" if today <= end + _EXTENDED else "UNSUPPORTED"


def _epoch(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), dt.timezone.utc).timestamp())


def _true(query, key: str) -> bool:
    return (query.get(key) or [""])[0].lower() == "true"
