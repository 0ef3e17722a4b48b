import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { isPlainMap, type Plain, type PlainMap } from "../protocol/value.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/** An answer of the API server other than success. */
export class ApiError extends Error {
  constructor(
    /** HTTP status code. */
    readonly status: number,
    /** Machine-readable reason, as `NotFound`, `AlreadyExists`, `Conflict`. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export interface ClusterOptions {
  /** Path or content (YAML or JSON) of a kubeconfig. @default - $KUBECONFIG, else ~/.kube/config */
  kubeconfig?: string | undefined;
  /** @default - the kubeconfig's current context */
  context?: string | undefined;
  /** Namespace of objects that name none. @default - the context's, else "default" */
  namespace?: string | undefined;
}

/** One cluster, as a kubeconfig describes it. */
export class Cluster {
  /** Why the cluster cannot be used; undefined when it answers. */
  unreachable: string | undefined;
  defaultNamespace = "default";
  #config: KubeConfig | undefined;
  #file: string | undefined;

  private constructor(private readonly options: ClusterOptions) {}

  /** Loads the kubeconfig and asks the server for its version. A cluster that does not answer is not an error yet. */
  static async connect(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options);
    try {
      cluster.#config = await loadKubeconfig(options);
      const context = cluster.#config.getContextObject(cluster.#config.getCurrentContext());
      cluster.defaultNamespace = options.namespace || context?.namespace || "default";
      await cluster.request("GET", "/version", { timeoutMs: CONNECT_TIMEOUT_MS });
    } catch (error) {
      cluster.unreachable = error instanceof Error ? error.message : String(error);
    }
    return cluster;
  }

  /** Throws when the cluster cannot be used. */
  assertReachable(): void {
    if (this.unreachable) throw new Error(`configured Kubernetes cluster is unreachable: ${this.unreachable}`);
  }

  /** The flags by which kubectl-like programs find this cluster. */
  flags(): string[] {
    const file = this.#kubeconfigFile();
    return [
      ...(file ? ["--kubeconfig", file] : []),
      ...(this.options.context ? ["--kube-context", this.options.context] : []),
    ];
  }

  /**
   * Sends one request to the API server.
   *
   * @throws {ApiError} when the server refuses; a plain Error when it cannot be reached.
   */
  async request(
    method: string,
    path: string,
    {
      query = {},
      body,
      contentType = "application/json",
      timeoutMs = 60_000,
    }: { query?: Record<string, string>; body?: Plain; contentType?: string; timeoutMs?: number } = {},
  ): Promise<PlainMap> {
    const config = this.#config;
    const server = config?.getCurrentCluster()?.server;
    if (!config || !server) throw new Error("the kubeconfig has no current context with a cluster");
    const url = new URL(`${server.replace(/\/$/, "")}${path}`);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);

    const options: https.RequestOptions = { method, headers: { Accept: "application/json" }, timeout: timeoutMs };
    // Runs an exec credential plugin where the kubeconfig names one, and gives its answer as headers or certificates.
    await config.applyToHTTPSOptions(options);
    const { status, text } = await send(
      url,
      options,
      body === undefined ? undefined : JSON.stringify(body),
      contentType,
    );
    const answer = parse(text);
    if (status < 400) return answer;
    const message = typeof answer.message === "string" ? answer.message : text.slice(0, 500) || `HTTP ${status}`;
    throw new ApiError(status, typeof answer.reason === "string" ? answer.reason : "", message);
  }

  #kubeconfigFile(): string | undefined {
    const given = this.options.kubeconfig;
    if (!given) return undefined;
    if (isFile(given)) return expandHome(given);
    if (!this.#file) {
      const directory = mkdtempSync(join(tmpdir(), "slipway-kubeconfig-"));
      process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
      this.#file = join(directory, "config");
      writeFileSync(this.#file, given, { mode: 0o600 });
    }
    return this.#file;
  }
}

/** Reads a kubeconfig by path or content. @throws when it cannot be read or its context does not exist. */
export async function loadKubeconfig(options: ClusterOptions): Promise<KubeConfig> {
  // Loaded when first needed: it is the costliest import, and start-up is counted in every deploy.
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  const config = new KubeConfig();
  if (!options.kubeconfig) config.loadFromDefault();
  else if (isFile(options.kubeconfig)) config.loadFromFile(expandHome(options.kubeconfig));
  else config.loadFromString(options.kubeconfig);
  if (options.context) {
    if (!config.getContextObject(options.context)) {
      const known = config.getContexts().map(({ name }) => name);
      throw new Error(`the kubeconfig has no context "${options.context}" (it has: ${known.join(", ") || "none"})`);
    }
    config.setCurrentContext(options.context);
  }
  return config;
}

function send(
  url: URL,
  options: https.RequestOptions,
  body: string | undefined,
  contentType: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const client = url.protocol === "http:" ? http : https;
    const request = client.request(url, options, (response) => {
      buffer(response).then(
        (bytes) => resolve({ status: response.statusCode ?? 0, text: bytes.toString("utf8") }),
        reject,
      );
    });
    request.on("timeout", () => request.destroy(new Error(`${url.host} did not answer within ${options.timeout} ms`)));
    request.on("error", (error) => reject(new Error(`${url.origin}: ${describe(error)}`)));
    if (body !== undefined) request.setHeader("Content-Type", contentType);
    request.end(body);
  });
}

/** A refused connection to a name with several addresses carries its reasons inside and an empty message. */
function describe(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((inner: Error) => inner.message).join("; ");
  return error.message;
}

function parse(text: string): PlainMap {
  try {
    const value: Plain = JSON.parse(text);
    return isPlainMap(value) ? value : {};
  } catch {
    return {};
  }
}

const expandHome = (path: string): string => path.replace(/^~(?=$|\/)/, homedir());

function isFile(text: string): boolean {
  return !text.includes("\n") && statSync(expandHome(text), { throwIfNoEntry: false })?.isFile() === true;
}
