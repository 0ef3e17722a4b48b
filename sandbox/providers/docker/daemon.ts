import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import type { DockerOptions } from "dockerode";

const DEFAULT_HOST = "unix:///var/run/docker.sock";

/** A connection to a Docker daemon that has answered. */
export class Daemon {
  readonly docker: Docker;
  /** Address of the daemon, as `unix:///var/run/docker.sock`. */
  readonly host: string;
  /** Credentials given to the provider, by registry host. */
  readonly registryAuth: readonly RegistryAuth[];

  private constructor(docker: Docker, host: string, registryAuth: readonly RegistryAuth[]) {
    this.docker = docker;
    this.host = host;
    this.registryAuth = registryAuth;
  }

  /**
   * Connects to the configured host, else to $DOCKER_HOST, else to the system's or the user's own socket.
   *
   * @throws when no daemon answers: the official plugin fails here too, in a preview as well.
   */
  static async connect(config: Map<string, string>): Promise<Daemon> {
    const given = config.get("host") || process.env.DOCKER_HOST;
    const hosts = given ? [given] : [DEFAULT_HOST, ...userSockets()];
    const { default: Dockerode } = await import("dockerode");
    const refusals: string[] = [];
    for (const host of hosts) {
      const docker = new Dockerode({ ...addressOf(host), ...tlsOf(config) });
      try {
        await docker.ping();
        return new Daemon(docker, host, parseAuth(config.get("registryAuth")));
      } catch (error) {
        refusals.push(`${host}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    throw new Error(
      `no Docker daemon answers (${refusals.join("; ")}); start one, or set DOCKER_HOST or the provider's host`,
    );
  }
}

/** One entry of the provider's `registryAuth`. */
export interface RegistryAuth {
  /** Registry host, with or without a scheme. */
  address: string;
  username?: string;
  password?: string;
}

function parseAuth(json: string | undefined): RegistryAuth[] {
  if (!json) return [];
  const entries: unknown = JSON.parse(json);
  return (Array.isArray(entries) ? entries : [entries]) as RegistryAuth[];
}

function addressOf(host: string): DockerOptions {
  if (host.startsWith("unix://")) return { socketPath: host.slice("unix://".length) };
  if (host.startsWith("/")) return { socketPath: host };
  if (!URL.canParse(host))
    throw new Error(`docker host "${host}" is not an address; give unix:///path, tcp://host:port or https://host:port`);
  const { protocol, hostname, port } = new URL(host);
  if (!["tcp:", "http:", "https:"].includes(protocol)) {
    throw new Error(
      `docker host "${host}" is not served by the stand-in; give unix:///path, tcp://host:port or https://host:port`,
    );
  }
  const secure = protocol === "https:" || port === "2376";
  return { protocol: secure ? "https" : "http", host: hostname, port: Number(port) || (secure ? 2376 : 2375) };
}

function tlsOf(config: Map<string, string>): DockerOptions {
  const [ca, cert, key] = [config.get("caMaterial"), config.get("certMaterial"), config.get("keyMaterial")];
  const folder = config.get("certPath") || process.env.DOCKER_CERT_PATH;
  if (ca && cert && key) return { ca, cert, key };
  if (ca || cert || key) throw new Error("caMaterial, certMaterial and keyMaterial must be given together");
  if (!folder) return {};
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}

function userSockets(): string[] {
  return [".docker/run/docker.sock", ".docker/desktop/docker.sock"]
    .map((path) => join(homedir(), path))
    .filter((path) => existsSync(path))
    .map((path) => `unix://${path}`);
}
