import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readEnvironment } from "../../../delivery/environment.ts";
import { checkBuildSource } from "../../../delivery/git/build-source.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { registryOf, serve } from "../../components/images/registry-server.ts";
import { captureOutput, stubMachine } from "../machine.ts";
import { projectFiles, stackText } from "../project.ts";
import { Clone } from "../repositories.ts";

let clone: Clone;
let registry: { address: string; close: () => Promise<void> };
/** Tags that the registry holds. */
let held: Record<string, string>;
/** The commit to release, which is checked out. It contains an api and a web. */
let commit: string;

beforeEach(async () => {
  stubMachine();
  held = {};
  registry = await serve((request, response) => registryOf(held)(request, response));
  clone = await Clone.alone();
  const source = { "api/main.go": "package main\n", "web/index.ts": "export {};\n", ".gitignore": "*.log\n" };
  commit = await clone.commit("feat: begin", { ...projectFiles({}), ...source });
});
afterEach(async () => {
  await registry.close();
  vi.unstubAllEnvs();
});

const release = (of = commit) => `v1.1.0-${of.slice(0, 7)}`;

async function check(tag = release(), build = "if-missing", context = "api"): Promise<string> {
  const text = stackText(`${registry.address}/shop`, {
    images: { repository: `${registry.address}/shop`, build },
    services: { api: { build: { context } }, web: { build: { context: "web" } } },
  }).replace("v1.0.0", tag);
  const heard = captureOutput();
  try {
    await checkBuildSource(await openRepository(clone.root), readEnvironment(clone.root, "dev", text));
    return heard.stderr;
  } finally {
    vi.restoreAllMocks();
  }
}

it("accepts folders that equal the release's commit, whatever else was committed", async () => {
  await clone.commit("docs: more", { "README.md": "# Shop\n" });
  expect(await check()).toBe("");
});

describe("files that git ignores", () => {
  it("are named, because the Dockerfile may copy them", async () => {
    clone.write("api/build.log", "ignored\n");
    expect(await check()).toMatch(/^⚠ services\.api: git ignores api\/build\.log\. .*\.dockerignore/);
  });

  it("are not named if .dockerignore keeps them out of the build", async () => {
    commit = await clone.commit("feat: keep logs out", { "api/.dockerignore": "**/*.log\n" });
    clone.write("api/build.log", "ignored\n");
    clone.write("api/logs/build.log", "ignored\n");
    expect(await check()).toBe("");
  });
});

describe("a folder outside of the repository", () => {
  it("is built as it is, with a warning that no commit says what is in it", async () => {
    const other = await Clone.alone();
    await other.commit("feat: begin", { "main.go": "package main\n" });
    expect(await check(release(), "if-missing", relative(clone.root, other.root))).toMatch(
      /^⚠ services\.api: .* is not in this repository, .* built from the files that are there now/,
    );
  });
});

describe("a submodule", () => {
  let source: Clone;

  beforeEach(async () => {
    vi.stubEnv("GIT_CONFIG_COUNT", "1");
    vi.stubEnv("GIT_CONFIG_KEY_0", "protocol.file.allow");
    vi.stubEnv("GIT_CONFIG_VALUE_0", "always");
    source = await Clone.alone();
    await source.commit("feat: begin", { "svc/main.go": "package main\n" });
    await clone.git("submodule", "--quiet", "add", source.root, "billing");
    commit = await clone.commit("feat: billing");
  });

  it.each(["billing", "billing/svc"])(
    "is compared with the commit that the release's commit names (%s)",
    async (folder) => {
      expect(await check(release(), "if-missing", folder)).toBe("");
      clone.write("billing/svc/main.go", "package other\n");
      await expect(check(release(), "if-missing", folder)).rejects.toThrow(`${folder} differs from commit`);
    },
  );

  it("is refused at another commit", async () => {
    const inner = new Clone(join(clone.root, "billing"));
    await inner.commit("feat: more", { "svc/more.go": "package main\n" });
    await expect(check(release(), "if-missing", "billing/svc")).rejects.toThrow("git submodule update");
  });
});

it("finds names that are not ASCII", async () => {
  commit = await clone.commit("feat: 주문", { "주문/main.go": "package main\n" });
  expect(await check(release(), "if-missing", "주문")).toBe("");
  clone.write("주문/잊은 것.go", "package main\n");
  await expect(check(release(), "if-missing", "주문")).rejects.toThrow("주문 differs from commit");
});

it.each([
  ["changed", "api/main.go"],
  ["not tracked by git", "api/more.go"],
])("refuses to build a release from files that are %s", async (_, file) => {
  clone.write(file, "package other\n");
  const hash = commit.slice(0, 7);
  await expect(check()).rejects.toThrow(
    `services.api: the registry does not have ${release()}, and api differs from commit ${hash}`,
  );
});

it("refuses to build a release of a commit that is not checked out", async () => {
  await clone.commit("feat: more", { "web/index.ts": "export default 1;\n" });
  await expect(check()).rejects.toThrow(/^services\.web: .* Check the commit out \(git switch --detach /);
});

it("refuses to build a release whose commit git does not know", async () => {
  await expect(check("v1.1.0-0123abc")).rejects.toThrow("git does not know its commit 0123abc; nothing was changed.");
});

it("does not check folders that are not built", async () => {
  clone.write("api/main.go", "package other\n");
  await check(release(), "never");
  await check("v1.1.0");
  held[`shop:api-${release()}`] = `sha256:${"a".repeat(64)}`;
  await check();
});
