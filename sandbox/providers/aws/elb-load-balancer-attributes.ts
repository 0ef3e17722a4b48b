import type { AttributeNames } from "./elb-attributes.ts";
import type { InputRule } from "./resource.ts";

const shared: AttributeNames = {
  enableDeletionProtection: ["deletion_protection.enabled", "boolean"],
  enableZonalShift: ["zonal_shift.config.enabled", "boolean"],
};

/** Attributes that load balancers of a type have. */
export const attributesOf: Readonly<Record<"application" | "network", AttributeNames>> = {
  application: {
    ...shared,
    clientKeepAlive: ["client_keep_alive.seconds", "number"],
    desyncMitigationMode: ["routing.http.desync_mitigation_mode", "text"],
    dropInvalidHeaderFields: ["routing.http.drop_invalid_header_fields.enabled", "boolean"],
    enableHttp2: ["routing.http2.enabled", "boolean"],
    enableTlsVersionAndCipherSuiteHeaders: ["routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "boolean"],
    enableWafFailOpen: ["waf.fail_open.enabled", "boolean"],
    enableXffClientPort: ["routing.http.xff_client_port.enabled", "boolean"],
    idleTimeout: ["idle_timeout.timeout_seconds", "number"],
    preserveHostHeader: ["routing.http.preserve_host_header.enabled", "boolean"],
    xffHeaderProcessingMode: ["routing.http.xff_header_processing.mode", "text"],
  },
  network: {
    ...shared,
    dnsRecordClientRoutingPolicy: ["dns_record.client_routing_policy", "text"],
    enableCrossZoneLoadBalancing: ["load_balancing.cross_zone.enabled", "boolean"],
  },
};

/** Those of both types: as with the official plugin, one that a type does not have is taken and left alone. */
export const attributeInputs: Record<string, InputRule> = {
  clientKeepAlive: { default: 3600 },
  desyncMitigationMode: { default: "defensive" },
  dnsRecordClientRoutingPolicy: { default: "any_availability_zone" },
  dropInvalidHeaderFields: { default: false },
  enableCrossZoneLoadBalancing: { default: false },
  enableDeletionProtection: { default: false },
  enableHttp2: { default: true },
  enableTlsVersionAndCipherSuiteHeaders: { default: false },
  enableWafFailOpen: { default: false },
  enableXffClientPort: { default: false },
  enableZonalShift: { default: false },
  idleTimeout: { default: 60 },
  preserveHostHeader: { default: false },
  xffHeaderProcessingMode: { default: "append" },
};

export const accessLogNames: AttributeNames = {
  bucket: ["access_logs.s3.bucket", "text"],
  enabled: ["access_logs.s3.enabled", "boolean"],
  prefix: ["access_logs.s3.prefix", "text"],
};

export const connectionLogNames: AttributeNames = {
  bucket: ["connection_logs.s3.bucket", "text"],
  enabled: ["connection_logs.s3.enabled", "boolean"],
  prefix: ["connection_logs.s3.prefix", "text"],
};
