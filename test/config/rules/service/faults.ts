import { faultsOf } from "../../config-of.ts";

const resources = { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } };
const LEAST = { build: { context: "." }, resources };

/** Faults of an environment with one service, `web`: the required fields and these over them. */
export function faultsOfService(fields: object): readonly string[] {
  const cluster = { target: "existing", context: "here" };
  const images = { repository: "localhost/shop" };
  return faultsOf({ namespace: "shop", cluster, images, services: { web: { ...LEAST, ...fields } } });
}
