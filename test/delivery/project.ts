import { stringify } from "yaml";
import type { DeployRun } from "../../delivery/run-folder.ts";

const service = {
  build: { context: "." },
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "64Mi" } },
};

/** Files of a project with the services api and web, and one that is disabled. */
export function projectFiles(stacks: Record<string, string>): Record<string, string> {
  const services = { api: service, web: service, old: { ...service, enabled: false } };
  return {
    "Pulumi.yaml": "name: slipway\nruntime: nodejs\n",
    "stacks/services.yaml": stringify({ namespace: "shop", services }),
    ...Object.fromEntries(Object.entries(stacks).map(([stack, text]) => [`stacks/Pulumi.${stack}.yaml`, text])),
  };
}

/** File of a stack on an existing cluster, at v1.0.0. */
export function stackText(repository: string, environment: object = {}): string {
  return `# A stack.\n${stringify({
    config: {
      "slipway:release": "v1.0.0",
      "slipway:environment": {
        cluster: { target: "existing", context: "here" },
        images: { repository },
        ...environment,
      },
    },
  })}`;
}

/** A deploy of v1.1.0 to dev by ada. */
export function deployRun(over: Partial<DeployRun> = {}): DeployRun {
  return {
    stack: "dev",
    action: "deploy",
    release: "v1.1.0",
    previous: "v1.0.0",
    services: [{ name: "api", from: "v1.0.0", to: "v1.1.0" }],
    images: {},
    actor: "ada",
    startedAt: "2026-01-31T12:00:00.000Z",
    seconds: 31,
    status: "succeeded",
    ...over,
  };
}
