import { type Fault, valueAt } from "./fault.ts";
import { secretKey } from "./naming.ts";
import type { StackConfig } from "./read.ts";
import { OBJECT_BYTES, variableSizeFault } from "./rules/service/variable-size.ts";
import type { ParsedEnvironment } from "./schema/environment.ts";

/** Faults of the secrets that services name: missing, in plain text, or too large. No value is looked at or shown. */
export function secretFaults({ services }: Pick<ParsedEnvironment, "services">, config: StackConfig): Fault[] {
  return Object.entries(services).flatMap(([service, { enabled, secrets }]) => {
    if (!enabled) return [];
    const faults = secrets.flatMap((variable) => secretFault(service, variable, config));
    return faults.length > 0 ? faults : sizeFaults(service, secrets, config);
  });
}

function secretFault(service: string, variable: string, config: StackConfig): Fault[] {
  const key = secretKey(service, variable);
  const fault = (message: string) => [
    { key, path: [], message: `${message}. Set it: pulumi config set --secret ${key}`, hideValue: true },
  ];
  if (valueAt(config.source.value, [key]) === undefined)
    return config.isComplete ? fault(`the service ${service} needs this secret`) : [];
  return config.isSecret(key) ? [] : fault("given in plain text, must be encrypted");
}

function sizeFaults(service: string, secrets: readonly string[], { secretBytes }: StackConfig): Fault[] {
  if (secretBytes === undefined) return [];
  const sizes = secrets.map((variable) => ({ variable, bytes: secretBytes(secretKey(service, variable)) }));
  const faults = sizes.flatMap(({ variable, bytes }) => {
    const message = variableSizeFault(variable, bytes);
    return message === undefined ? [] : [{ key: secretKey(service, variable), path: [], message, hideValue: true }];
  });
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= OBJECT_BYTES) return faults;
  const message = `the secrets of the service have ${total} bytes together; a Secret holds ${OBJECT_BYTES}. Keep what is large elsewhere`;
  return [...faults, { path: ["services", service, "secrets"], message, hideValue: true }];
}
