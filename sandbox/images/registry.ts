import { join } from "node:path";
import { request } from "undici";
import { stringify } from "yaml";
import { answers } from "../cluster/control-plane.ts";
import { writeConfiguration } from "../cluster/kubeconfig.ts";
import { paths, registryHost } from "../paths.ts";
import type { Daemon } from "../processes/daemon.ts";

const manifestTypes = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.index.v1+json",
].join(", ");

export function registryDaemon(): Daemon {
  const configuration = stringify({
    version: 0.1,
    log: { level: "warn", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: paths.registry },
      delete: { enabled: true },
      cache: { blobdescriptor: "inmemory" },
    },
    http: { addr: registryHost },
  });
  return {
    name: "registry",
    command: "/usr/bin/docker-registry",
    args: ["serve", writeConfiguration(join(paths.state, "registry.yaml"), configuration)],
    configuration: [configuration],
    ready: () => answers(`http://${registryHost}/v2/`),
  };
}

/** Whether the registry holds `repository:tag`. */
export async function registryHolds(repository: string, tag: string): Promise<boolean> {
  const { statusCode, body } = await request(`http://${registryHost}/v2/${repository}/manifests/${tag}`, {
    method: "HEAD",
    headers: { accept: manifestTypes },
  });
  await body.dump();
  return statusCode === 200;
}
