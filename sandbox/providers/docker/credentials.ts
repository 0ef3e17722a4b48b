import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import type { RegistryAuth } from "./daemon.ts";

/** The daemon's login to a registry; without user and password for an anonymous push. */
export interface Credentials {
  username?: string;
  password?: string;
  serveraddress: string;
}

/** A registry's host, without scheme and path. */
export function registryHost(server: string): string {
  return server.replace(/^https?:\/\//, "").split("/")[0] ?? "";
}

/** Credentials for a registry: from the resource, else from the provider, else from this machine's Docker config. */
export function credentialsFor(
  server: string,
  given: { username?: string | undefined; password?: string | undefined },
  provider: readonly RegistryAuth[],
): Credentials {
  const serveraddress = registryHost(server);
  if (given.username && given.password) {
    return { username: given.username, password: given.password, serveraddress };
  }
  const configured = provider.find(({ address }) => registryHost(address) === serveraddress);
  if (configured?.username && configured.password) {
    return { username: configured.username, password: configured.password, serveraddress };
  }
  return { ...machineCredentials(serveraddress), serveraddress };
}

interface DockerConfig {
  auths?: Record<string, { auth?: string }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

function machineCredentials(server: string): { username?: string; password?: string } {
  const file = join(process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "config.json");
  if (!existsSync(file)) return {};
  const config: DockerConfig = JSON.parse(readFileSync(file, "utf8"));
  const helper = config.credHelpers?.[server] ?? config.credsStore;
  if (helper) {
    const { stdout, failed } = execaSync(`docker-credential-${helper}`, ["get"], { input: server, reject: false });
    if (failed) return {};
    const { Username, Secret } = JSON.parse(stdout) as { Username: string; Secret: string };
    return { username: Username, password: Secret };
  }
  const entry = Object.entries(config.auths ?? {}).find(([address]) => registryHost(address) === server)?.[1];
  if (!entry?.auth) return {};
  const [username = "", ...password] = Buffer.from(entry.auth, "base64").toString("utf8").split(":");
  return { username, password: password.join(":") };
}
