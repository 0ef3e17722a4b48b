"""EC2: what the program's networks, node templates and checks need to be as in AWS."""

from additions.ec2 import (
    addresses,
    endpoints,
    flow_logs,
    instance_types,
    launch_templates,
    networks,
    routes,
    security_groups,
    unknown,
)


def install() -> None:
    for part in (
        addresses,
        endpoints,
        flow_logs,
        instance_types,
        launch_templates,
        networks,
        routes,
        security_groups,
        # Last: it looks at ids before anything else does.
        unknown,
    ):
        part.install()
