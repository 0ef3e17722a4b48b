import { type Fault, valueAt } from "./fault.ts";
import { SLACK_SECRETS, secretKey } from "./naming.ts";
import { OBJECT_BYTES, variableSizeFault } from "./rules/service/variable-size.ts";
import type { ParsedEnvironment } from "./schema/environment.ts";
import type { StackConfig } from "./stack-config.ts";

/** Faults of the secrets that a config names: missing, in plain text, or too large. No value is looked at or shown. */
export function secretFaults(
  { services, delivery }: Pick<ParsedEnvironment, "services" | "delivery">,
  config: StackConfig,
): Fault[] {
  const slack = delivery?.gitops?.slack;
  return [
    ...(slack ? secretFault(SLACK_SECRETS[slack.by], `delivery.gitops.slack.by: ${slack.by}`, config) : []),
    ...serviceSecretFaults(services, config),
  ];
}

function serviceSecretFaults(services: ParsedEnvironment["services"], config: StackConfig): Fault[] {
  return Object.entries(services).flatMap(([service, { enabled, secrets, secretFiles = {} }]) => {
    if (!enabled) return [];
    // A map names a Secret of the cluster that exists already.
    const inFiles = Object.values(secretFiles).filter((secret) => typeof secret === "string");
    const names = [...new Set([...secrets, ...inFiles])];
    const faults = names.flatMap((name) => secretFault(secretKey(service, name), `the service ${service}`, config));
    return faults.length > 0
      ? faults
      : [...sizeFaults(service, secrets, config), ...fileSizeFaults(service, inFiles, config)];
  });
}

function secretFault(key: string, user: string, config: StackConfig): Fault[] {
  const fault = (message: string) => [
    { key, path: [], message: `${message}. Set it: pulumi config set --secret ${key}`, hideValue: true },
  ];
  if (valueAt(config.source.value, [key]) === undefined)
    return config.isComplete ? fault(`${user} needs this secret`) : [];
  return config.isSecret(key) ? [] : fault("given in plain text, must be encrypted");
}

function sizeFaults(service: string, secrets: readonly string[], { secretBytes }: StackConfig): Fault[] {
  if (secretBytes === undefined) return [];
  const faults = secrets.flatMap((variable) => {
    const key = secretKey(service, variable);
    const message = variableSizeFault(variable, secretBytes(key));
    return message === undefined ? [] : [{ key, path: [], message, hideValue: true }];
  });
  return [...faults, ...totalFaults(service, "secrets", secrets, secretBytes)];
}

function fileSizeFaults(service: string, secrets: readonly string[], { secretBytes }: StackConfig): Fault[] {
  return secretBytes === undefined ? [] : totalFaults(service, "secretFiles", secrets, secretBytes);
}

/** All of a field are in one Secret. */
function totalFaults(
  service: string,
  field: "secrets" | "secretFiles",
  secrets: readonly string[],
  secretBytes: (key: string) => number,
): Fault[] {
  const total = secrets.reduce((sum, name) => sum + secretBytes(secretKey(service, name)), 0);
  if (total <= OBJECT_BYTES) return [];
  const message = `${total} bytes together; a Secret holds ${OBJECT_BYTES}. Keep what is large elsewhere`;
  return [{ path: ["services", service, field], message, hideValue: true }];
}
