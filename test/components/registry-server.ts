import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on loopback for as long as a test runs. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ address: string; close: () => Promise<void> }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A registry that holds the tags given, `<name>:<tag>` → digest, and nothing else. */
export function registryOf(tags: Record<string, string>): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const [, name, tag] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(request.url ?? "") ?? [];
    const digest = tags[`${name}:${tag}`];
    response.writeHead(digest ? 200 : 404, digest ? { "docker-content-digest": digest } : {}).end();
  };
}
