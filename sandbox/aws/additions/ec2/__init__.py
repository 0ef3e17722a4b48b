"""EC2: what the program's networks, node templates and checks need to be as in AWS."""

from additions.ec2 import dependencies, existence, flow_logs, instance_types, networks, security_groups


def install() -> None:
    # What is installed last is asked first: existence before dependencies, and both before anything else.
    for part in (flow_logs, instance_types, networks, security_groups, dependencies, existence):
        part.install()
