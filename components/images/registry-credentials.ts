import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export interface Credentials {
  username: string;
  password: string;
}

interface DockerConfig {
  auths?: Record<string, { auth?: string }>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
}

/**
 * Credentials that `docker login` stored for a registry, from the file and helpers that the Docker provider uses to push.
 * Source: https://docs.docker.com/reference/cli/docker/login/#credential-helpers
 *
 * @returns undefined if there is no login. The registry may still answer anonymous requests.
 */
export function registryCredentials(registry: string): Credentials | undefined {
  const config = readConfig();
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  if (helper) return askHelper(helper, registry);
  const auth = config.auths?.[registry]?.auth ?? config.auths?.[`https://${registry}`]?.auth;
  if (!auth) return undefined;
  const [username = "", ...password] = Buffer.from(auth, "base64").toString("utf8").split(":");
  return { username, password: password.join(":") };
}

function readConfig(): DockerConfig {
  const folder = process.env.DOCKER_CONFIG ?? join(homedir(), ".docker");
  try {
    return JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as DockerConfig;
  } catch {
    return {};
  }
}

function askHelper(helper: string, registry: string): Credentials | undefined {
  try {
    const answer = execFileSync(`docker-credential-${helper}`, ["get"], {
      input: registry,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const { Username, Secret } = JSON.parse(answer.toString("utf8")) as { Username: string; Secret: string };
    return { username: Username, password: Secret };
  } catch {
    // A helper without credentials for this registry exits with an error, and so does a missing helper.
    return undefined;
  }
}
