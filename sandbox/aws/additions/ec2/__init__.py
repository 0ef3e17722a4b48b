"""EC2: what the program's networks, node templates and checks need to be as in AWS."""

from additions.ec2 import flow_logs, gateways, instance_types, networks, routes, security_groups, unknown


def install() -> None:
    # Last of all what looks at ids before anything else does.
    for part in (flow_logs, gateways, instance_types, networks, routes, security_groups, unknown):
        part.install()
