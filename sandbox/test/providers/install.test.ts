import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { describePlugins, type InstalledPlugin, installPlugins } from "../../providers/install.ts";

let folder: string;
let home: string;
let built: string;
let official: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-install-"));
  [home, built, official] = [join(folder, "home"), join(folder, "built"), join(folder, "official")];
  mkdirSync(official);
  writeFileSync(built, "built", { mode: 0o755 });
  vi.stubEnv("SANDBOX_PLUGIN_DIR", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const install = (): Promise<InstalledPlugin[]> => installPlugins(home, built);

function addOfficial(name: string, mode = 0o755): string {
  const file = join(official, `pulumi-resource-${name}`);
  writeFileSync(file, `official ${name}`, { mode });
  return file;
}

function executable({ folder, name }: InstalledPlugin): string {
  const file = join(folder, `pulumi-resource-${name}`);
  accessSync(file, constants.X_OK);
  return readFileSync(file, "utf8");
}

test("the built kubernetes plugin and the stand-ins are installed once, where the engine looks", async () => {
  const first = await install();
  expect(first.map(({ name, kind, changed }) => [name, kind, changed])).toEqual([
    ["kubernetes", "built", true],
    ["docker", "stand-in", true],
    ["aws", "stand-in", true],
  ]);
  for (const { name, version, folder } of first)
    expect(folder).toBe(join(home, "plugins", `resource-${name}-v${version}`));
  const [kubernetes, ...standIns] = first.map(executable);
  expect(kubernetes).toBe("built");
  for (const code of standIns) expect(code).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(first[0]?.build).toBe("built");
  expect(describePlugins(first)).toMatch(/^kubernetes [\d.]+ \(built\), docker [\d.]+ \(stand-in\), aws /);

  expect((await install()).map(({ changed }) => changed)).toEqual([false, false, false]);
});

test("another build of the kubernetes plugin replaces the last one", async () => {
  await install();
  writeFileSync(built, "built again", { mode: 0o755 });
  const [kubernetes] = await install();
  expect(kubernetes).toMatchObject({ changed: true });
  expect(kubernetes && executable(kubernetes)).toBe("built again");
});

test("a kubernetes plugin that was never built is an error that names the command", async () => {
  rmSync(built);
  await expect(install()).rejects.toThrow(/kubernetes plugin is not built: .*npm start/);
});

describe("SANDBOX_PLUGIN_DIR", () => {
  beforeEach(() => vi.stubEnv("SANDBOX_PLUGIN_DIR", official));

  test("its one binary is installed, and nothing else changes", async () => {
    vi.stubEnv("SANDBOX_PLUGIN_DIR", undefined);
    await install();
    vi.stubEnv("SANDBOX_PLUGIN_DIR", official);
    const binary = addOfficial("aws");
    const plugins = await install();
    expect(plugins.map(({ kind, changed }) => [kind, changed])).toEqual([
      ["built", false],
      ["stand-in", false],
      ["official", true],
    ]);
    expect(plugins[2]).toMatchObject({ build: binary });
    expect(plugins[2] && executable(plugins[2])).toBe("official aws");
  });

  test("all its binaries are installed, even when no kubernetes plugin is built", async () => {
    rmSync(built);
    for (const name of ["kubernetes", "docker", "aws"]) addOfficial(name);
    const plugins = await install();
    expect(plugins.map(({ kind }) => kind)).toEqual(["official", "official", "official"]);
    expect(plugins.map(executable)).toEqual(["official kubernetes", "official docker", "official aws"]);
  });

  test("a folder without a plugin, or none at all, is an error that lists what it may hold", async () => {
    const expected = "pulumi-resource-kubernetes, pulumi-resource-docker, pulumi-resource-aws";
    await expect(install()).rejects.toThrow(`which holds none of ${expected}`);
    rmSync(official, { recursive: true });
    await expect(install()).rejects.toThrow(/does not exist; .*pulumi-resource-aws/);
  });

  test("a binary that cannot be executed is an error that names the command", async () => {
    const binary = addOfficial("docker", 0o644);
    await expect(install()).rejects.toThrow(`run "chmod +x ${binary}"`);
  });
});
