"""Kubernetes versions that EKS offers. https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html"""

import datetime as dt

from ministack.services import eks

#: Version and end of standard support.
VERSIONS = {
    "1.36": dt.date(2027, 8, 2),
    "1.35": dt.date(2027, 3, 27),
    "1.34": dt.date(2026, 12, 2),
    "1.33": dt.date(2026, 7, 29),
}
PLATFORM = "eks.7"


def offered() -> list[str]:
    """Versions for new clusters: in standard or in extended support."""
    return [version for version in VERSIONS if _status(version) != "UNSUPPORTED"]


def describe():
    """DescribeClusterVersions, for all versions."""
    found = [
        {
            "clusterVersion": version,
            "clusterType": "eks",
            "endOfStandardSupportDate": int(dt.datetime.combine(end, dt.time(), dt.timezone.utc).timestamp()),
            "versionStatus": _status(version),
        }
        for version, end in VERSIONS.items()
    ]
    return eks._json_resp(200, {"clusterVersions": found})


def _status(version: str) -> str:
    """Extended support follows standard support for a year."""
    today, end = dt.datetime.now(dt.timezone.utc).date(), VERSIONS[version]
    if today <= end:
        return "STANDARD_SUPPORT"
    return "EXTENDED_SUPPORT" if today <= end + dt.timedelta(days=365) else "UNSUPPORTED"
