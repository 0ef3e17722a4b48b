import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Credentials, registryCredentials } from "./registry-credentials.ts";

/** Manifest types that a tag may point to. Without this list a registry may convert the manifest, which changes its digest. */
const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const TIMEOUT_MILLISECONDS = 10_000;

/**
 * ECR accepts 10 manifests a second from an account, and a deploy of many services sends more:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
 */
const TOO_MANY_REQUESTS = 429;
/** About 15 s in all, in which ECR accepts 150 manifests. */
const MOST_WAITS = 5;
const FIRST_WAIT_MILLISECONDS = 500;

/** A repository of images, and how to log in. */
export interface ImageRepository {
  /** `<registry>/<name>`, without tag. */
  repository: string;
  /** @default - what `docker login` left */
  credentials?: Credentials;
  /**
   * Whether it deletes old images, so that deployed ones must be tagged: see deployed-tags.ts.
   *
   * @default false
   */
  marksDeployed?: boolean;
}

/** An image's manifest, byte for byte: the image's digest is the hash of these bytes. */
export interface Manifest {
  mediaType: string;
  content: Buffer;
}

/** The registry refused, failed or could not be reached. The message says what to do. */
export class RegistryError extends Error {}

/**
 * The digest that a tag points to.
 * Protocol: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#checking-if-content-exists-in-the-registry
 *
 * @returns `sha256:…`, or undefined if the registry does not have the tag.
 * @throws RegistryError if it cannot be reached or refuses the login.
 */
export async function findDigest(images: ImageRepository, tag: string): Promise<string | undefined> {
  const { registry, name } = placeOf(images);
  const answer = await ask(images, tag, { method: "HEAD", headers: { accept: MANIFEST_TYPES } });
  if (answer.status === 404) return undefined;
  const digest = answer.headers.get("docker-content-digest");
  if (answer.status === 200 && digest) return digest;
  if (isRefusal(answer)) {
    // Another login would not help: AWS issued this one, and it does not have the right.
    const remedy = images.credentials
      ? "You need the right to pull (in ECR: ecr:BatchGetImage)"
      : `Log in: docker login ${registry}`;
    throw new RegistryError(`${registry} refuses to show ${name}:${tag} (${describe(answer)}). ${remedy}`);
  }
  if (answer.status >= 500 || answer.status === TOO_MANY_REQUESTS) {
    throw new RegistryError(
      `${registry} answered ${describe(answer)} for ${name}:${tag}: it has a failure or too many requests. Wait, then try again`,
    );
  }
  throw new RegistryError(
    `${registry} answered ${describe(answer)} for ${name}:${tag}; a registry answers 200 or 404. Check the registry in the config`,
  );
}

/**
 * An image's manifest, as it was pushed.
 * Protocol: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 *
 * @throws RegistryError if the registry does not have it, cannot be reached or refuses the login.
 */
export async function fetchManifest(images: ImageRepository, digest: string): Promise<Manifest> {
  const { registry, name } = placeOf(images);
  const answer = await ask(images, digest, { method: "GET", headers: { accept: MANIFEST_TYPES } });
  const mediaType = answer.headers.get("content-type");
  if (answer.status !== 200 || !mediaType) {
    throw new RegistryError(
      `${registry} does not give the manifest ${name}@${digest} (${describe(answer)}). ` +
        "Check that the image exists and that you may pull it",
    );
  }
  if (digestOf(answer.content) !== digest) {
    throw new RegistryError(`${registry} sent other bytes for ${name}@${digest}. Push the image again`);
  }
  return { mediaType, content: answer.content };
}

/**
 * Sets a tag to an image of the repository. Another image that had it loses it.
 * Protocol: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
 *
 * @throws RegistryError if the registry cannot be reached or refuses it.
 */
export async function putTag(images: ImageRepository, tag: string, manifest: Manifest): Promise<void> {
  const { registry, name } = placeOf(images);
  const { mediaType, content } = manifest;
  const answer = await ask(images, tag, { method: "PUT", headers: { "content-type": mediaType }, body: content });
  if (answer.status >= 200 && answer.status < 300) return;
  const remedy = isRefusal(answer)
    ? "You need the right to push manifests (in ECR: ecr:PutImage)"
    : "Check that the image is complete and that the repository allows this tag to move";
  throw new RegistryError(`${registry} does not set ${name}:${tag} (${describe(answer)}). ${remedy}`);
}

interface Request {
  method: "HEAD" | "GET" | "PUT";
  headers: Record<string, string>;
  body?: Buffer;
}

interface Answer {
  status: number;
  headers: Headers;
  content: Buffer;
}

/** @throws RegistryError if the registry cannot be reached. */
async function ask(images: ImageRepository, reference: string, request: Request): Promise<Answer> {
  const { registry, name } = placeOf(images);
  const url = `${schemeOf(registry)}://${hostOf(registry)}/v2/${name}/manifests/${reference}`;
  const send = async (authorization?: string): Promise<Answer> => {
    const headers = { ...request.headers, ...(authorization && { authorization }) };
    const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
    const response = await fetch(url, { method: request.method, headers, body: request.body, signal });
    const content = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, content };
  };
  for (let waits = 0; ; waits++) {
    const answer = await authorized(registry, images.credentials, send);
    if (answer.status !== TOO_MANY_REQUESTS || waits === MOST_WAITS) return answer;
    // At random, so that requests that were refused together do not come back together.
    await sleep(FIRST_WAIT_MILLISECONDS * 2 ** waits * (0.5 + Math.random()));
  }
}

/**
 * Sends a request with the given credentials. Without any, sends it anonymously first, then as the registry's challenge says:
 * https://distribution.github.io/distribution/spec/auth/token/
 */
async function authorized(
  registry: string,
  given: Credentials | undefined,
  send: (authorization?: string) => Promise<Answer>,
): Promise<Answer> {
  try {
    if (given) return await send(basic(given));
    const answer = await send();
    const credentials = registryCredentials(registry);
    const challenge = answer.headers.get("www-authenticate");
    if (answer.status !== 401 || !challenge) return answer;
    if (/^basic/i.test(challenge)) return credentials ? await send(basic(credentials)) : answer;
    const token = await fetchToken(challenge, credentials);
    return token ? await send(`Bearer ${token}`) : answer;
  } catch (error) {
    throw new RegistryError(
      `${registry} cannot be reached (${reason(error)}). Check the registry in the config, the network and the registry itself`,
    );
  }
}

async function fetchToken(challenge: string, credentials: Credentials | undefined): Promise<string | undefined> {
  const fields = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  if (!fields.realm) return undefined;
  const url = new URL(fields.realm);
  for (const key of ["service", "scope"]) if (fields[key]) url.searchParams.set(key, fields[key]);
  const response = await fetch(url, {
    headers: credentials ? { authorization: basic(credentials) } : {},
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  if (!response.ok) return undefined;
  const body = (await response.json()) as { token?: string; access_token?: string };
  return body.token ?? body.access_token;
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function placeOf({ repository }: ImageRepository): { registry: string; name: string } {
  const [registry = "", ...name] = repository.split("/");
  return { registry, name: name.join("/") };
}

/** Plain HTTP on loopback only, as in Docker: https://docs.docker.com/reference/cli/dockerd/#insecure-registries */
function schemeOf(registry: string): "http" | "https" {
  return /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(registry) ? "http" : "https";
}

function hostOf(registry: string): string {
  return registry === "docker.io" ? "registry-1.docker.io" : registry;
}

function isRefusal({ status }: Answer): boolean {
  return status === 401 || status === 403;
}

/** The status, with the registry's own message if it has one: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
function describe({ status, content }: Answer): string {
  try {
    const { errors } = JSON.parse(content.toString("utf8")) as { errors?: { message?: string }[] };
    const message = errors?.[0]?.message;
    return message ? `${status}: ${message.replace(/\.$/, "")}` : String(status);
  } catch {
    return String(status);
  }
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  // The code of a timeout is a number that means nothing to a reader.
  const { code } = cause as NodeJS.ErrnoException;
  return typeof code === "string" ? code : cause.message;
}
