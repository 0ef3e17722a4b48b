"""What the program's environments need and ministack does not have, or answers differently from AWS."""

from additions import autoscaling, ec2, ecr, eks, elb, iam, logs, ssm


def install() -> None:
    """Installs all additions into ministack's modules. Call it once, before the first request."""
    for addition in (autoscaling, ec2, ecr, eks, elb, iam, logs, ssm):
        addition.install()
