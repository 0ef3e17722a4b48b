"""The emulator's environment variables."""

import base64
import os
from pathlib import Path

HOST = os.environ["BIND_HOST"]
PORT = int(os.environ["GATEWAY_PORT"])
STATE_DIR = Path(os.environ["STATE_DIR"])

#: Address of the one Kubernetes API behind every EKS cluster, and its authority as EKS hands it out.
CLUSTER_ENDPOINT = os.environ["EMULATOR_CLUSTER_ENDPOINT"]
CLUSTER_SERVICE_CIDR = os.environ["EMULATOR_CLUSTER_SERVICE_CIDR"]

#: Host and port of the registry behind every ECR repository.
REGISTRY = os.environ["EMULATOR_REGISTRY"]


def cluster_authority() -> str:
    """Read on each call: the certificate may be replaced while the emulator runs."""
    return base64.b64encode(Path(os.environ["EMULATOR_CLUSTER_CA"]).read_bytes()).decode()
