"""Attributes of load balancers, target groups and listeners as AWS has them from the start.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html and its neighbours.
"""

_LOAD_BALANCER = {
    "access_logs.s3.enabled": "false",
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "load_balancing.cross_zone.enabled": "false",
    "ipv6.deny_all_igw_traffic": "false",
    "zonal_shift.config.enabled": "false",
}

LOAD_BALANCER = {
    "network": {
        **_LOAD_BALANCER,
        "dns_record.client_routing_policy": "any_availability_zone",
        "secondary_ips.auto_assigned.per_subnet": "0",
    },
    "application": {
        **_LOAD_BALANCER,
        "load_balancing.cross_zone.enabled": "true",
        "idle_timeout.timeout_seconds": "60",
        "client_keep_alive.seconds": "3600",
        "connection_logs.s3.enabled": "false",
        "connection_logs.s3.bucket": "",
        "connection_logs.s3.prefix": "",
        "routing.http2.enabled": "true",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.preserve_host_header.enabled": "false",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
        "routing.http.xff_client_port.enabled": "false",
        "routing.http.xff_header_processing.mode": "append",
        "routing.http.desync_mitigation_mode": "defensive",
        "waf.fail_open.enabled": "false",
    },
}

_TARGET_GROUP = {
    "deregistration_delay.timeout_seconds": "300",
    "stickiness.enabled": "false",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}


def of_target_group(protocol: str, target_type: str) -> dict[str, str]:
    if protocol in ("HTTP", "HTTPS"):
        return {
            **_TARGET_GROUP,
            "stickiness.type": "lb_cookie",
            "stickiness.lb_cookie.duration_seconds": "86400",
            "stickiness.app_cookie.duration_seconds": "86400",
            "stickiness.app_cookie.cookie_name": "",
            "slow_start.duration_seconds": "0",
            "load_balancing.algorithm.type": "round_robin",
            "load_balancing.algorithm.anomaly_mitigation": "off",
        }
    # Addresses of clients cannot be kept on the way to an address, unless the protocol has no other means.
    preserved = target_type == "instance" or protocol in ("UDP", "TCP_UDP")
    return {
        **_TARGET_GROUP,
        "stickiness.type": "source_ip",
        "deregistration_delay.connection_termination.enabled": "false",
        "proxy_protocol_v2.enabled": "false",
        "preserve_client_ip.enabled": str(preserved).lower(),
        "target_health_state.unhealthy.connection_termination.enabled": "true",
        "target_health_state.unhealthy.draining_interval_seconds": "0",
    }


def of_listener(protocol: str) -> dict[str, str]:
    if protocol == "TCP":
        return {"tcp.idle_timeout.seconds": "350"}
    return {"routing.http.response.server.enabled": "true"} if protocol in ("HTTP", "HTTPS") else {}


def as_list(attributes: dict[str, str]) -> list[dict]:
    return [{"Key": key, "Value": value} for key, value in attributes.items()]
