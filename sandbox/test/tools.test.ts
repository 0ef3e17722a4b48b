import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fits, type Tool, tools } from "../tools.ts";

describe("an installed tool", () => {
  it.each([
    ["v3.18.0", true],
    ["3.18.4", true],
    ["v3.18.1+g5c9d2a5\n", true],
    ["v3.19.0", false],
    ["v4.18.0", false],
    ["v3.180.0", false],
    ["3.18", false],
    ["unknown", false],
    ["", false],
  ])("that reports %j fits 3.18.6: %s", (reported, expected) => {
    expect(fits(reported, tools.helm.version)).toBe(expected);
  });
});

describe("the pinned tools", () => {
  const folder = join(import.meta.dirname, "../toolchain");
  const modules = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const moduleOf = (tool: Tool) => tool.module ?? tool.name;
  const all: Tool[] = Object.values(tools);

  it("are all there, and no module is left without a tool", () => {
    expect(new Set(all.map(moduleOf))).toEqual(new Set(modules.map(({ name }) => name)));
  });

  it("are members of the Go workspace exactly if they share its dependencies", () => {
    const workspace = readFileSync(join(folder, "go.work"), "utf8");
    for (const tool of all)
      expect(workspace.includes(`./${moduleOf(tool)}\n`), tool.name).toBe((tool.dependencies ?? "shared") === "shared");
  });

  it.each(all.filter(({ name }) => !["pause", "pulumi-resource-kubernetes"].includes(name)))(
    "$name $version is the version that its go.mod requires",
    (tool) => {
      const file = readFileSync(join(folder, moduleOf(tool), "go.mod"), "utf8");
      const required = [...file.matchAll(/^(?:require)?\s*(\S+) v(\S+)/gm)].map(([, path, version]) => ({
        path,
        version,
      }));
      const package_ = tool.package === "." ? tool.name : tool.package;
      const source = required.find(({ path = "" }) => package_.startsWith(path) || path.endsWith(`/${package_}`));
      expect(source?.version).toBe(tool.version);
    },
  );

  it("build the Kubernetes plugin from the release that the npm package is pinned to", () => {
    const { version } = createRequire(import.meta.url)("@pulumi/kubernetes/package.json") as { version: string };
    expect(tools["pulumi-resource-kubernetes"].version).toBe(version);
  });

  it("build the CLI in the version of the npm package", () => {
    const { version } = createRequire(import.meta.url)("@pulumi/pulumi/package.json") as { version: string };
    expect(tools.pulumi.version).toBe(version);
  });
});
