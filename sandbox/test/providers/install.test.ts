import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { installPlugins } from "../../providers/install.ts";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "slipway-home-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

const executable = (folder: string, name: string): string => {
  const file = join(folder, `pulumi-resource-${name}`);
  accessSync(file, constants.X_OK);
  return readFileSync(file, "utf8");
};

test("the stand-ins are put where the engine looks, once", async () => {
  vi.stubEnv("SANDBOX_PLUGIN_DIR", undefined);
  const first = await installPlugins(home);
  expect(first.kind).toBe("stand-in");
  for (const { name, version, folder, changed } of first.plugins) {
    expect(folder).toBe(join(home, "plugins", `resource-${name}-v${version}`));
    expect(changed).toBe(true);
    expect(executable(folder, name)).toMatch(/^#!\/usr\/bin\/env node\n/);
  }
  const second = await installPlugins(home);
  expect(second.plugins.map(({ changed }) => changed)).toEqual([false, false, false]);
});

test("official binaries take their place", async () => {
  await installPlugins(home);
  const official = mkdtempSync(join(tmpdir(), "slipway-official-"));
  vi.stubEnv("SANDBOX_PLUGIN_DIR", official);
  writeFileSync(join(official, "pulumi-resource-kubernetes"), "k8s");
  writeFileSync(join(official, "pulumi-resource-docker"), "docker");
  await expect(installPlugins(home)).rejects.toThrow(/holds no pulumi-resource-aws .*unset SANDBOX_PLUGIN_DIR/);
  writeFileSync(join(official, "pulumi-resource-aws"), "aws");
  const { kind, plugins } = await installPlugins(home);
  expect(kind).toBe("official");
  expect(plugins.map(({ name, folder }) => executable(folder, name))).toEqual(["k8s", "docker", "aws"]);
  rmSync(official, { recursive: true });
});
