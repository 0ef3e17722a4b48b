import { type Credentials, registryCredentials } from "./registry-credentials.ts";

/** Manifest types that a tag may point to; without them a registry may convert the manifest and answer with another digest. */
const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const TIMEOUT_MILLISECONDS = 10_000;

/** The registry did not answer as a registry does. The message says what to do. */
export class RegistryError extends Error {}

/**
 * The digest that a tag points to.
 * Protocol: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#checking-if-content-exists-in-the-registry
 *
 * @param repository `<registry>/<name>`, without tag.
 * @returns `sha256:…`, or undefined where the registry lacks the tag.
 * @throws RegistryError if it cannot be reached or refuses the login.
 */
export async function findDigest(repository: string, tag: string): Promise<string | undefined> {
  const [registry = "", ...rest] = repository.split("/");
  const name = rest.join("/");
  const url = `${schemeOf(registry)}://${hostOf(registry)}/v2/${name}/manifests/${tag}`;
  const response = await authorized(registry, (authorization) =>
    fetch(url, {
      method: "HEAD",
      headers: { accept: MANIFEST_TYPES, ...(authorization && { authorization }) },
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    }),
  );
  if (response.status === 404) return undefined;
  const digest = response.headers.get("docker-content-digest");
  if (response.ok && digest) return digest;
  if (response.status === 401 || response.status === 403) {
    throw new RegistryError(
      `${registry} refuses to show ${name}:${tag} (${response.status}). Log in: docker login ${registry}`,
    );
  }
  throw new RegistryError(
    `${registry} answered ${response.status} for ${name}:${tag}; a registry answers 200 or 404. Check images.repository`,
  );
}

/** Asks as anybody first, then as the registry's challenge wants it: https://distribution.github.io/distribution/spec/auth/token/ */
async function authorized(registry: string, ask: (authorization?: string) => Promise<Response>): Promise<Response> {
  try {
    const response = await ask();
    const challenge = response.headers.get("www-authenticate");
    if (response.status !== 401 || !challenge) return response;
    const credentials = registryCredentials(registry);
    if (/^basic/i.test(challenge)) return credentials ? await ask(basic(credentials)) : response;
    const token = await fetchToken(challenge, credentials);
    return token ? await ask(`Bearer ${token}`) : response;
  } catch (error) {
    throw new RegistryError(
      `${registry} cannot be reached (${reason(error)}). Check images.repository, the network and the registry`,
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

/** Plain HTTP on loopback only, as Docker has it: https://docs.docker.com/reference/cli/dockerd/#insecure-registries */
function schemeOf(registry: string): "http" | "https" {
  return /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(registry) ? "http" : "https";
}

function hostOf(registry: string): string {
  return registry === "docker.io" ? "registry-1.docker.io" : registry;
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
}
