import { join } from "node:path";
import { type NodeSpec, nodeFolder, registryHost } from "../paths.ts";
import { writeConfiguration } from "./kubeconfig.ts";

/** Registries, and their servers, that nodes ask here first: what the sandbox has made in their stead, it has under their name. */
const registries = { "registry.k8s.io": "registry.k8s.io", "docker.io": "registry-1.docker.io" };

/**
 * Where a node's containerd finds images, one folder a registry; read on every pull.
 * https://github.com/containerd/containerd/blob/main/docs/hosts.md
 * @returns the folder of these.
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
