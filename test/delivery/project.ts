import { stringify } from "yaml";

const service = {
  build: { context: "." },
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "64Mi" } },
};

/** Files of a project with the services api and web, and one that is switched off. */
export function projectFiles(stacks: Record<string, string>): Record<string, string> {
  const services = { api: service, web: service, old: { ...service, enabled: false } };
  return {
    "stacks/services.yaml": stringify({ namespace: "shop", services }),
    ...Object.fromEntries(Object.entries(stacks).map(([stack, text]) => [`stacks/Pulumi.${stack}.yaml`, text])),
  };
}

/** File of a stack on a cluster that is there, at v1.0.0. */
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
