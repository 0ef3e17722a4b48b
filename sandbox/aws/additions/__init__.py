"""What ministack lacks, or answers differently from AWS, and this program's environments need."""

from additions import autoscaling, autoscaling_links, ec2, ecr, eks, elb, iam, logs, sns, ssm


def install() -> None:
    """Puts all of it into ministack's modules. To be called once, before the first request."""
    for addition in (autoscaling, autoscaling_links, ec2, ecr, eks, elb, iam, logs, sns, ssm):
        addition.install()
