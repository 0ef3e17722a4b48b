import { faultsOf } from "./config-of.ts";

/** A service that is accepted. */
export const service = {
  build: { context: "." },
  port: 8080,
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } },
};

/** An environment on an existing cluster, but for its services. */
export const existing = {
  cluster: { target: "existing", context: "here" },
  namespace: "shop",
  images: { repository: "registry.example.com/shop" },
};

/** An environment on EKS, but for its services. */
export const eks = {
  cluster: {
    target: "eks",
    version: "1.36",
    admins: ["arn:aws:iam::123456789012:role/admin"],
    nodeGroup: { instanceTypes: ["m6i.large"], min: 3, max: 9 },
  },
  namespace: "shop",
  aws: { accountId: "123456789012", region: "ap-northeast-2" },
  registry: { repository: "shop", owner: "prod" },
};

/** The faults of services on an existing cluster, over one that is accepted. undefined takes a field away. */
export function faultsOfServices(services: Record<string, object>, environment: object = {}): readonly string[] {
  const whole = Object.entries(services).map(([name, fields]) => [name, { ...service, ...fields }]);
  return faultsOf({ ...existing, ...environment, services: Object.fromEntries(whole) });
}
