"""What ministack lacks, or answers differently from AWS, and this program's environments need."""

from additions import autoscaling, ec2, ecr, eks, elb, iam, logs, ssm


def install() -> None:
    """Puts all of it into ministack's modules. To be called once, before the first request."""
    for addition in (autoscaling, ec2, ecr, eks, elb, iam, logs, ssm):
        addition.install()
