import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  fetchManifest,
  findDigest,
  type ImageRepository,
  putTag,
  RegistryError,
} from "../../../components/images/registry.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { ManifestStore, registryOf, serve } from "./registry-server.ts";

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

it("gives the digest of a tag, and undefined for a missing tag", async () => {
  const address = await start(registryOf({ "shop:api-v1": digest }));
  expect(await findDigest({ repository: `${address}/shop` }, "api-v1")).toBe(digest);
  expect(await findDigest({ repository: `${address}/shop` }, "api-v2")).toBeUndefined();
});

it("accepts every manifest type, so that the registry does not convert the manifest and change its digest", async () => {
  let accept = "";
  const address = await start((request, response) => {
    accept = String(request.headers.accept);
    response.writeHead(200, { "docker-content-digest": digest }).end();
  });
  await findDigest({ repository: `${address}/shop` }, "v1");
  expect(accept).toContain("application/vnd.oci.image.index.v1+json");
  expect(accept).toContain("application/vnd.docker.distribution.manifest.list.v2+json");
});

it("logs in with the credentials of docker login, also with a colon in the password (ECR)", async () => {
  const address = await start((request, response) => {
    const right = `Basic ${Buffer.from("AWS:to:ken").toString("base64")}`;
    if (request.headers.authorization === right) response.writeHead(200, { "docker-content-digest": digest }).end();
    else response.writeHead(401, { "www-authenticate": 'Basic realm="ecr"' }).end();
  });
  await expect(findDigest({ repository: `${address}/shop` }, "v1")).rejects.toThrow(`Log in: docker login ${address}`);
  logIn(address, "AWS", "to:ken");
  expect(await findDigest({ repository: `${address}/shop` }, "v1")).toBe(digest);
});

it("prefers a token that it is given to the credentials of docker login", async () => {
  const address = await start((request, response) => {
    const right = `Basic ${Buffer.from("AWS:token").toString("base64")}`;
    if (request.headers.authorization === right) response.writeHead(200, { "docker-content-digest": digest }).end();
    else response.writeHead(401, { "www-authenticate": 'Basic realm="ecr"' }).end();
  });
  logIn(address, "somebody", "else");
  const credentials = { username: "AWS", password: "token" };
  expect(await findDigest({ repository: `${address}/shop`, credentials }, "v1")).toBe(digest);
});

it("fetches the token that a challenge requires", async () => {
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
  expect(await findDigest({ repository: `${address}/shop` }, "v1")).toBe(digest);
});

it("does not take an unreachable registry for a missing tag", async () => {
  const { address, close } = await serve(() => {});
  await close();
  const lookUp = findDigest({ repository: `${address}/shop` }, "v1");
  await expect(lookUp).rejects.toThrow(RegistryError);
  await expect(lookUp).rejects.toThrow(`${address} cannot be reached (ECONNREFUSED). Check the registry in the config`);
});

it("does not take a broken answer for a missing tag", async () => {
  const address = await start((_, response) => response.writeHead(500).end());
  await expect(findDigest({ repository: `${address}/shop` }, "v1")).rejects.toThrow("answered 500");
});

it.each([
  ["that has a failure", 503, undefined, "Wait, then try again"],
  ["that requires a login", 403, undefined, "Log in: docker login"],
  ["that refuses the login of AWS", 403, { username: "AWS", password: "token" }, "the right to pull (in ECR"],
])("says what to do about a registry %s", async (_, status, credentials, remedy) => {
  const address = await start((_, response) => response.writeHead(status).end());
  const images = { repository: `${address}/shop`, ...(credentials && { credentials }) };
  await expect(findDigest(images, "v1")).rejects.toThrow(remedy);
});

describe("a tag", () => {
  const index = "application/vnd.oci.image.index.v1+json";
  let store: ManifestStore;
  let images: ImageRepository;
  beforeEach(async () => {
    store = new ManifestStore();
    images = { repository: `${await start(store.answer)}/shop` };
  });

  it("is set with the bytes and the type that were pushed", async () => {
    const pushed = store.push("api-v1", '{ "odd":  "spaces" }\n', index);
    await putTag(images, "deployed.prod.api.current", await fetchManifest(images, pushed));
    expect(store.tags).toEqual({ "api-v1": pushed, "deployed.prod.api.current": pushed });
    expect(await fetchManifest(images, pushed)).toMatchObject({ mediaType: index });
  });

  it("moves", async () => {
    const [one, two] = [store.push("api-v1", "1"), store.push("api-v2", "2")];
    for (const digest of [one, two]) await putTag(images, "moving", await fetchManifest(images, digest));
    expect(await findDigest(images, "moving")).toBe(two);
  });

  it("is not set if the registry sends other bytes", async () => {
    const pushed = store.push("api-v1", "1");
    store.spoil(pushed);
    await expect(fetchManifest(images, pushed)).rejects.toThrow("other bytes for shop@sha256:");
  });

  it("is not set on a missing image, with what to do", async () => {
    const fetched = fetchManifest(images, digest);
    await expect(fetched).rejects.toThrow(RegistryError);
    await expect(fetched).rejects.toThrow(`does not give the manifest shop@${digest} (404: unknown). Check that`);
  });

  it.each([
    [403, "403: User: deploy is not authorized to perform: ecr:PutImage). You need the right to push"],
    [400, "400: User: deploy is not authorized to perform: ecr:PutImage). Check that the image is complete"],
  ])("is refused with the registry's own message (%i)", async (status, words) => {
    const pushed = store.push("api-v1", "1");
    store.instead = (request, response) => {
      if (request.method !== "PUT") return false;
      const errors = [{ code: "DENIED", message: "User: deploy is not authorized to perform: ecr:PutImage." }];
      response.writeHead(status).end(JSON.stringify({ errors }));
      return true;
    };
    const put = putTag(images, "moving", await fetchManifest(images, pushed));
    await expect(put).rejects.toThrow(RegistryError);
    await expect(put).rejects.toThrow(`does not set shop:moving (${words}`);
  });

  it("is set with the login that reads digests", async () => {
    const pushed = store.push("api-v1", "1");
    const right = `Basic ${Buffer.from("AWS:token").toString("base64")}`;
    store.instead = (request, response) => {
      if (request.headers.authorization === right) return false;
      response.writeHead(401, { "www-authenticate": 'Basic realm="ecr"' }).end();
      return true;
    };
    const withLogin = { ...images, credentials: { username: "AWS", password: "token" } };
    await putTag(withLogin, "moving", await fetchManifest(withLogin, pushed));
    expect(store.tags.moving).toBe(pushed);
    await expect(fetchManifest(images, pushed)).rejects.toThrow("(401)");
  });

  it("is set later if the registry is busy, as ECR is above 10 requests a second", async () => {
    const pushed = store.push("api-v1", "1");
    const manifest = await fetchManifest(images, pushed);
    let refusals = 2;
    store.instead = (_, response) => {
      if (refusals-- <= 0) return false;
      response.writeHead(429).end();
      return true;
    };
    await putTag(images, "moving", manifest);
    expect(store.tags.moving).toBe(pushed);
  });
});
