import { faultsOf } from "../../config-of.ts";

export const resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } };
export const redis = `docker.io/library/redis:8.2@sha256:${"a".repeat(64)}`;

/** Faults of a service with a build, by the field's path within the service. */
export function serviceFaultsOf(fields: object): readonly string[] {
  const service = { build: { context: "web" }, resources, ...fields };
  const faults = faultsOf({
    cluster: { target: "existing", context: "here" },
    namespace: "shop",
    images: { repository: "registry.example.com/shop" },
    services: { web: service },
  });
  return faults.map((fault) => fault.replace("services.yaml: services.web.", ""));
}
