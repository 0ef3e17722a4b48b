import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback for as long as a test runs. */
export async function serve(answer: Answer): Promise<{ address: string; close: () => Promise<void> }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A registry that holds the tags given, `<name>:<tag>` → digest, and nothing else. */
export function registryOf(tags: Record<string, string>): Answer {
  return (request, response) => {
    const [, name, tag] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(request.url ?? "") ?? [];
    const digest = tags[`${name}:${tag}`];
    response.writeHead(digest ? 200 : 404, digest ? { "docker-content-digest": digest } : {}).end();
  };
}

interface Held {
  mediaType: string;
  content: Buffer;
}

/** A registry's manifests: gives them, and takes new ones and new tags. It knows one repository. */
export class ManifestStore {
  /** Tag → digest. */
  readonly tags: Record<string, string> = {};
  /** What it was asked: `<method> <tag or digest>`. */
  readonly requests: string[] = [];
  /** Answers in its place, where it returns true. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  /** How long it takes over a push. */
  pushMilliseconds = 0;
  private readonly held = new Map<string, Held>();

  /** @returns digest of the image that bears the tag from now on. */
  push(tag: string, content: string | Buffer, mediaType = "application/vnd.oci.image.manifest.v1+json"): string {
    const bytes = Buffer.from(content);
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    this.held.set(digest, { mediaType, content: bytes });
    this.tags[tag] = digest;
    return digest;
  }

  /** Gives other bytes for a digest than were pushed. */
  spoil(digest: string): void {
    this.held.set(digest, { mediaType: "application/vnd.oci.image.manifest.v1+json", content: Buffer.from("{}") });
  }

  readonly answer: Answer = async (request, response) => {
    const reference = /^\/v2\/[^/]+\/manifests\/(.+)$/.exec(request.url ?? "")?.[1] ?? "";
    this.requests.push(`${request.method} ${reference}`);
    if (this.instead(request, response)) return;
    if (request.method === "PUT") {
      const content = await buffer(request);
      await new Promise((resolve) => setTimeout(resolve, this.pushMilliseconds));
      const digest = this.push(reference, content, request.headers["content-type"]);
      response.writeHead(201, { "docker-content-digest": digest }).end();
      return;
    }
    const digest = this.tags[reference] ?? reference;
    const { mediaType, content } = this.held.get(digest) ?? {};
    // As registries do: a manifest of a type that is not asked for is not given.
    if (mediaType === undefined || !String(request.headers.accept).includes(mediaType)) {
      response.writeHead(404).end(JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message: "unknown." }] }));
      return;
    }
    response
      .writeHead(200, { "docker-content-digest": digest, "content-type": mediaType })
      .end(request.method === "HEAD" ? undefined : content);
  };
}
