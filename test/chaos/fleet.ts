import { Workspace } from "../e2e/workspace.ts";

const off = { enabled: false };
const quick = {
  replicas: { min: 2, max: 2 },
  shutdown: { preStopSeconds: 5, drainSeconds: 5 },
};
const shopApi = {
  build: {
    context: "examples/shop/api",
    args: { BUILD_IMAGE: "127.0.0.1:5000/base/golang:1.26", BASE_IMAGE: "127.0.0.1:5000/base/static:1" },
  },
  port: 8080,
  resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "96Mi" } },
  probes: { path: "/readyz", livenessPath: "/healthz", startupSeconds: 30 },
};
/** A migration that changes nothing and takes a while. */
const migration = {
  command: ["python3", "-c", "import time; time.sleep(8)"],
  phase: "expand",
  timeoutSeconds: 120,
};

/** A service of each way to roll out. */
const SERVICES = {
  api: { ...quick, rollout: { minReadySeconds: 1 } },
  green: { ...shopApi, ...quick, rollout: { minReadySeconds: 1, strategy: "blueGreen" } },
  canary: {
    ...shopApi,
    ...quick,
    rollout: {
      minReadySeconds: 1,
      strategy: "canary",
      steps: [{ weight: 25 }, { pause: 4 }, { weight: 50 }, { pause: 4 }],
    },
  },
  orders: { ...quick, probes: { startupSeconds: 60 }, rollout: { minReadySeconds: 1 }, migration },
};
export type ServiceName = keyof typeof SERVICES;

/** A stack whose updates are killed. Each service has a release of its own, so that an update rolls out one and leaves the others. */
export class Fleet {
  readonly shop: Workspace;
  private readonly releases: Partial<Record<ServiceName, number>>;

  /** @param stack the stack's name and its namespace. The services that it has follow from what its updates are for. */
  constructor(stack: string, services: readonly ServiceName[]) {
    const unused = Object.fromEntries(["web", "api", "orders", "worker"].map((name) => [name, off]));
    const own = services.map((name) => [
      name,
      { ...SERVICES[name], enabled: true, hosts: [`${name}.${stack}.localhost`], tag: "c1" },
    ]);
    this.shop = new Workspace(stack, { services: { ...unused, ...Object.fromEntries(own) } });
    this.releases = Object.fromEntries(services.map((name) => [name, 1]));
  }

  host(service: ServiceName): string {
    return `${service}.${this.shop.stack}.localhost`;
  }

  /** The release that each service is to run. */
  wanted(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.releases).map(([name, release]) => [name, `c${release}`]));
  }

  /** Writes the next release of a service into the stack's file, or an earlier one. @param by such as -1 */
  change(service: ServiceName, by: number, settings: object = {}): void {
    const release = (this.releases[service] ?? 0) + by;
    this.releases[service] = release;
    this.shop.configure("c1", { services: { [service]: { tag: `c${release}`, ...settings } } });
  }

  /** Writes a service into the stack's file that it did not have, or takes it out. */
  enable(service: ServiceName, enabled: boolean): void {
    this.shop.configure("c1", { services: { [service]: { enabled } } });
    if (enabled) this.releases[service] ??= 1;
    else delete this.releases[service];
  }
}
