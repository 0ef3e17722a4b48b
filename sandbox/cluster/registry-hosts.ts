import { join } from "node:path";
import { type NodeSpec, nodeFolder, registryHost } from "../paths.ts";
import { writeConfiguration } from "./kubeconfig.ts";

/** Public registries with their servers. Nodes ask the sandbox's registry first, which has replacements under the same names. */
const registries = {
  "registry.k8s.io": "registry.k8s.io",
  "docker.io": "registry-1.docker.io",
  "quay.io": "quay.io",
  "public.ecr.aws": "public.ecr.aws",
};

/**
 * Tells a node's containerd where to pull images from, with one folder per registry. Read on every pull.
 * https://github.com/containerd/containerd/blob/main/docs/hosts.md
 * @returns the folder that holds these folders.
 */
export function writeRegistryHosts(node: NodeSpec): string {
  const folder = join(nodeFolder(node.name), "registry-hosts");
  writeConfiguration(join(folder, registryHost, "hosts.toml"), `server = "http://${registryHost}"\n`);
  for (const [registry, server] of Object.entries(registries)) {
    const hosts = `server = "https://${server}"

[host."http://${registryHost}/v2/${registry}"]
  capabilities = ["pull", "resolve"]
  override_path = true
`;
    writeConfiguration(join(folder, registry, "hosts.toml"), hosts);
  }
  return folder;
}
