import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findDigest, RegistryError } from "../../components/registry.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { registryOf, serve } from "./registry-server.ts";

const digest = `sha256:${"a".repeat(64)}`;
let dockerConfig: string;
const closers: (() => Promise<void>)[] = [];

beforeEach(() => {
  dockerConfig = temporaryFolder();
  process.env.DOCKER_CONFIG = dockerConfig;
});
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function start(answer: Parameters<typeof serve>[0]): Promise<string> {
  const { address, close } = await serve(answer);
  closers.push(close);
  return address;
}

function logIn(registry: string, user: string, password: string): void {
  const auth = Buffer.from(`${user}:${password}`).toString("base64");
  writeFileSync(join(dockerConfig, "config.json"), JSON.stringify({ auths: { [registry]: { auth } } }));
}

it("gives the digest of a tag that is there, and nothing for one that is not", async () => {
  const address = await start(registryOf({ "shop:api-v1": digest }));
  expect(await findDigest(`${address}/shop`, "api-v1")).toBe(digest);
  expect(await findDigest(`${address}/shop`, "api-v2")).toBeUndefined();
});

it("asks for every manifest type: a registry may otherwise convert, and answer with another digest", async () => {
  let accept = "";
  const address = await start((request, response) => {
    accept = String(request.headers.accept);
    response.writeHead(200, { "docker-content-digest": digest }).end();
  });
  await findDigest(`${address}/shop`, "v1");
  expect(accept).toContain("application/vnd.oci.image.index.v1+json");
  expect(accept).toContain("application/vnd.docker.distribution.manifest.list.v2+json");
});

it("logs in with what docker login left, password with a colon included (ECR)", async () => {
  const address = await start((request, response) => {
    const right = `Basic ${Buffer.from("AWS:to:ken").toString("base64")}`;
    if (request.headers.authorization === right) response.writeHead(200, { "docker-content-digest": digest }).end();
    else response.writeHead(401, { "www-authenticate": 'Basic realm="ecr"' }).end();
  });
  await expect(findDigest(`${address}/shop`, "v1")).rejects.toThrow(`Log in: docker login ${address}`);
  logIn(address, "AWS", "to:ken");
  expect(await findDigest(`${address}/shop`, "v1")).toBe(digest);
});

it("fetches the token that a challenge asks for", async () => {
  const address: string = await start((request, response) => {
    if (request.url?.startsWith("/token")) {
      const query = new URL(request.url, "http://x").searchParams;
      response.end(JSON.stringify({ token: `${query.get("service")}-${query.get("scope")}` }));
    } else if (request.headers.authorization === "Bearer here-pull") {
      response.writeHead(200, { "docker-content-digest": digest }).end();
    } else {
      response
        .writeHead(401, { "www-authenticate": `Bearer realm="http://${address}/token",service="here",scope="pull"` })
        .end();
    }
  });
  expect(await findDigest(`${address}/shop`, "v1")).toBe(digest);
});

it("tells an unreachable registry from a missing tag", async () => {
  const { address, close } = await serve(() => {});
  await close();
  const lookUp = findDigest(`${address}/shop`, "v1");
  await expect(lookUp).rejects.toThrow(RegistryError);
  await expect(lookUp).rejects.toThrow(`${address} cannot be reached (ECONNREFUSED). Check images.repository`);
});

it("takes a broken answer for neither", async () => {
  const address = await start((_, response) => response.writeHead(500).end());
  await expect(findDigest(`${address}/shop`, "v1")).rejects.toThrow("answered 500");
});
