"""EC2: what the program's networks, node templates and checks need to be as in AWS."""

from additions.ec2 import existence, flow_logs, instance_types, networks, refusals, security_groups


def install() -> None:
    # What is installed last is asked first: whether ids exist, then what else EC2 refuses.
    for part in (flow_logs, instance_types, networks, security_groups, refusals, existence):
        part.install()
