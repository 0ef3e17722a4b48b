import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readEnvironment, type StackEnvironment } from "../../delivery/environment.ts";
import { buildsImages, findImages, findRepository, requireImages } from "../../delivery/images.ts";
import { registryOf, serve } from "../components/images/registry-server.ts";
import { stubMachine } from "./machine.ts";
import { projectFiles, stackText } from "./project.ts";
import { Clone } from "./repositories.ts";

const digest = `sha256:${"a".repeat(64)}`;
const closers: (() => Promise<void>)[] = [];

beforeEach(() => stubMachine());
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function start(answer: Parameters<typeof serve>[0]): Promise<string> {
  const { address, close } = await serve(answer);
  closers.push(close);
  return address;
}

async function environmentOf(repository: string, environment: object = {}): Promise<StackEnvironment> {
  const text = stackText(repository, environment);
  const clone = await Clone.alone();
  for (const [file, content] of Object.entries(projectFiles({ dev: text }))) clone.write(file, content);
  return readEnvironment(clone.root, "dev", text);
}

describe("the images of services", () => {
  it("are looked up by service and release, with their digest if the registry holds them", async () => {
    const repository = `${await start(registryOf({ "shop:api-v1.0.0": digest }))}/shop`;
    const environment = await environmentOf(repository);
    expect(await findImages(environment, environment.services)).toEqual([
      { service: "api", release: "v1.0.0", tag: `${repository}:api-v1.0.0`, digest },
      { service: "web", release: "v1.0.0", tag: `${repository}:web-v1.0.0` },
    ]);
  });

  it("that somebody else built are not looked up", async () => {
    const repository = `${await start(registryOf({}))}/shop`;
    const image = `docker.io/library/redis:8.2@${digest}`;
    const resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } };
    const environment = await environmentOf(repository, { services: { cache: { image, resources } } });
    const cache = environment.services.filter(({ name }) => name === "cache");
    expect(cache).toHaveLength(1);
    expect(await requireImages(environment, cache, "")).toEqual([]);
  });

  it("that are missing are all listed, with what to do", async () => {
    const repository = `${await start(registryOf({}))}/shop`;
    const environment = await environmentOf(repository);
    await expect(requireImages(environment, environment.services, "Name another.")).rejects.toThrow(
      `Images are missing; nothing was changed. Name another.
  - services.api: the registry does not have ${repository}:api-v1.0.0
  - services.web: the registry does not have ${repository}:web-v1.0.0`,
    );
  });

  it("do not count as missing if the registry refuses access", async () => {
    const environment = await environmentOf(`${await start((_, response) => response.writeHead(403).end())}/shop`);
    await expect(requireImages(environment, environment.services, "")).rejects.toThrow(
      /refuses to show shop:\w+-v1\.0\.0 \(403\)\. Log in: docker login .+\. Nothing was changed\.$/,
    );
  });

  it("are built unless the stack says never", async () => {
    const repository = "localhost/shop";
    expect(buildsImages(await environmentOf(repository))).toBe(true);
    expect(buildsImages(await environmentOf(repository, { images: { repository, build: "if-missing" } }))).toBe(true);
    expect(buildsImages(await environmentOf(repository, { images: { repository, build: "never" } }))).toBe(false);
  });
});

describe("the images of a stack on EKS", () => {
  /** An AWS endpoint that gives a login. @returns the requests */
  async function aws(token: string, registry: string): Promise<{ asked: { target: string; body: unknown }[] }> {
    const asked: { target: string; body: unknown }[] = [];
    const address = await start(async (request, response) => {
      const body = JSON.parse((await buffer(request)).toString());
      asked.push({ target: String(request.headers["x-amz-target"]).split(".")[1] ?? "", body });
      const authorizationToken = Buffer.from(token).toString("base64");
      response
        .writeHead(200, { "content-type": "application/x-amz-json-1.1" })
        .end(JSON.stringify({ authorizationData: [{ authorizationToken, proxyEndpoint: `http://${registry}` }] }));
    });
    stubMachine({
      AWS_ENDPOINT_URL: `http://${address}`,
      AWS_ACCESS_KEY_ID: "123456789012",
      AWS_SECRET_ACCESS_KEY: "a-secret",
    });
    return { asked };
  }

  async function onEks(registry: { accountId?: string }): Promise<StackEnvironment> {
    const { config, ...rest } = await environmentOf("localhost/shop");
    return {
      ...rest,
      config: {
        ...config,
        cluster: { target: "eks" },
        aws: { accountId: "123456789012", region: "ap-northeast-2" },
        registry: { repository: "shop", accountId: "123456789012", ...registry },
      } as StackEnvironment["config"],
    };
  }

  it("are looked up in ECR with a login from AWS", async () => {
    const address = await start((request, response) => {
      const right = `Basic ${Buffer.from("AWS:to:ken").toString("base64")}`;
      if (request.headers.authorization === right) registryOf({ "shop:api-v1.0.0": digest })(request, response);
      else response.writeHead(401).end();
    });
    const { asked } = await aws("AWS:to:ken", address);
    const environment = await onEks({});
    expect(await findImages(environment, environment.services.slice(0, 1))).toMatchObject([
      { tag: `${address}/shop:api-v1.0.0`, digest },
    ]);
    expect(asked).toEqual([{ target: "GetAuthorizationToken", body: {} }]);
  });

  it("are looked up in the account that owns the registry", async () => {
    const { asked } = await aws("AWS:token", "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com");
    expect((await findRepository(await onEks({ accountId: "210987654321" }))).repository).toBe(
      "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/shop",
    );
    expect(asked).toMatchObject([{ body: { registryIds: ["210987654321"] } }]);
  });

  it("cannot be looked up if AWS does not answer", async () => {
    await aws("AWS:token", "localhost");
    await Promise.all(closers.splice(0).map((close) => close()));
    await expect(findRepository(await onEks({}))).rejects.toThrow(
      "AWS gave no login to ECR (ECONNREFUSED); nothing was changed. Sign in",
    );
  });
});
