import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PropertyMap, Secret, Unknown } from "../../providers/protocol/value.ts";
import { PluginProcess } from "./plugin-process.ts";

const IMAGE = "docker:index/image:Image";
const NAME = "127.0.0.1:5000/shop/web:v1";

let folder: string;
let context: string;
let daemon: Server;
let plugin: PluginProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-image-"));
  context = join(folder, "app");
  mkdirSync(join(context, "logs"), { recursive: true });
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY . /\n");
  writeFileSync(join(context, "main.txt"), "1");
  writeFileSync(join(context, "logs", "a.log"), "1");
  writeFileSync(join(context, ".dockerignore"), "# not for the image\n**/*.log\n");
  // All that a check, a diff and a preview need of a daemon is that it answers.
  daemon = createServer((_, response) => response.end("OK"));
  const socket = join(folder, "docker.sock");
  await new Promise<void>((resolve) => daemon.listen(socket, resolve));
  plugin = await PluginProcess.start("docker");
  await plugin.configure({ host: `unix://${socket}` });
});
afterAll(async () => {
  await plugin.stop();
  await new Promise((resolve) => daemon.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const check = async (build: PropertyMap = { context }, more: PropertyMap = {}): Promise<PropertyMap> =>
  (await plugin.check(IMAGE, { imageName: NAME, build, ...more })).inputs;

const digest = async (): Promise<unknown> => ((await check()).build as PropertyMap).contextDigest;

describe("check", () => {
  test("defaults are filled in and the context gets a digest", async () => {
    const inputs = await check();
    expect(inputs).toMatchObject({ imageName: NAME, buildOnPreview: false });
    expect(inputs.build).toMatchObject({ context, dockerfile: join(context, "Dockerfile") });
    expect((inputs.build as PropertyMap).platform).toMatch(/^linux\//);
    expect((inputs.build as PropertyMap).contextDigest).toMatch(/^[0-9a-f]{64}$/);
  });

  test("content, name, mode and links of a file change the digest, what is ignored does not", async () => {
    const seen = new Set([await digest()]);
    const step = async (change: () => void): Promise<void> => {
      change();
      const next = await digest();
      expect(seen.has(next)).toBe(false);
      seen.add(next);
    };
    await step(() => writeFileSync(join(context, "main.txt"), "2"));
    await step(() => writeFileSync(join(context, "new.txt"), "2"));
    await step(() => chmodSync(join(context, "new.txt"), 0o755));
    await step(() => symlinkSync("new.txt", join(context, "link")));
    await step(() => writeFileSync(join(context, "Dockerfile"), "FROM scratch\n"));
    const before = await digest();
    writeFileSync(join(context, "logs", "a.log"), "2");
    expect(await digest()).toBe(before);
  });

  test("a pattern takes back what another left out, even in a folder that was left out", async () => {
    writeFileSync(join(context, "Other.Dockerfile"), "FROM scratch\n");
    writeFileSync(join(context, "Other.Dockerfile.dockerignore"), "logs\n!logs/keep.log\n");
    writeFileSync(join(context, "logs", "keep.log"), "1");
    const build = { context, dockerfile: join(context, "Other.Dockerfile") };
    const of = async (): Promise<unknown> => ((await check(build)).build as PropertyMap).contextDigest;
    const before = await of();
    writeFileSync(join(context, "logs", "a.log"), "3");
    expect(await of()).toBe(before);
    writeFileSync(join(context, "logs", "keep.log"), "2");
    expect(await of()).not.toBe(before);
  });

  test("a missing Dockerfile says where it was looked for", async () => {
    await expect(check({ context, dockerfile: join(context, "Nope") })).rejects.toThrow(/Dockerfile ".*\/Nope" does not exist/);
  });

  test("a name without a registry, an unknown property and an unknown builder are refused", async () => {
    await expect(plugin.check(IMAGE, { imageName: "web:v1", build: { context } })).rejects.toThrow(
      /not fully qualified/,
    );
    await expect(check({ context, contxt: "x" })).rejects.toThrow(/a build of an Image has no property "contxt"/);
    await expect(check({ context }, { tags: [] })).rejects.toThrow(/an Image has no property "tags"/);
    await expect(check({ context, builderVersion: "V3" })).rejects.toThrow(/give one of: BuilderV1, BuilderBuildKit/);
  });

  test("secrets and unknowns stay what they are", async () => {
    const registry = { server: "127.0.0.1:5000", username: "u", password: new Secret("p") };
    const inputs = await check({ context, args: { A: Unknown.value, B: new Secret("b") } }, { registry });
    expect(inputs.registry).toEqual(registry);
    expect(inputs.build).toMatchObject({ args: { A: Unknown.value, B: new Secret("b") } });
    const unknown = await check({ context: Unknown.value });
    expect(unknown.build).toMatchObject({ context: Unknown.value, dockerfile: Unknown.value });
  });
});

describe("diff", () => {
  const stateOf = (inputs: PropertyMap): PropertyMap => ({ repoDigest: "x", __inputs: new Secret(inputs) });
  const registry = (password: string, server = "a.example"): PropertyMap => ({
    server,
    username: password,
    password: new Secret(password),
  });

  test("the same inputs and another password are no change, another registry is", async () => {
    const inputs = await check({ context }, { registry: registry("one") });
    expect((await plugin.diff(IMAGE, stateOf(inputs), inputs)).changes).toEqual([]);
    const later = { ...inputs, registry: registry("two") };
    expect((await plugin.diff(IMAGE, stateOf(inputs), later)).changes).toEqual([]);
    const moved = { ...inputs, registry: registry("one", "b.example") };
    expect((await plugin.diff(IMAGE, stateOf(inputs), moved)).changes).toEqual(["update registry.server"]);
  });

  test("another tag or context builds again", async () => {
    const inputs = await check();
    writeFileSync(join(context, "main.txt"), "9");
    const news = { ...(await check()), imageName: NAME.replace("v1", "v2") };
    const { changes } = await plugin.diff(IMAGE, stateOf(inputs), news);
    expect(changes).toEqual(["update build.contextDigest", "update imageName"]);
  });
});

describe("life", () => {
  test("a preview builds nothing and gives the inputs", async () => {
    const inputs = await check();
    expect(await plugin.create(IMAGE, inputs, true)).toEqual({ id: "", properties: inputs });
  });

  test("a read gives what is recorded, a delete touches nothing", async () => {
    const state = { repoDigest: "x" };
    expect((await plugin.read(IMAGE, NAME, state, {})).properties).toEqual(state);
    await plugin.delete(IMAGE, NAME, state);
  });

  test("without a daemon the provider does not start, and says where it looked", async () => {
    const other = await PluginProcess.start("docker");
    await expect(other.configure({ host: "unix:///nowhere/docker.sock" })).rejects.toThrow(
      /no Docker daemon answers \(unix:\/\/\/nowhere\/docker\.sock: .*DOCKER_HOST/,
    );
    await other.stop();
  });
});
