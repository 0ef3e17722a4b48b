import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { readEnvironment } from "../../../delivery/environment.ts";
import { checkBuildSource } from "../../../delivery/git/build-source.ts";
import { openRepository } from "../../../delivery/git/repository.ts";
import { registryOf, serve } from "../../components/images/registry-server.ts";
import { stubMachine } from "../machine.ts";
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

async function check(tag = release(), build = "if-missing"): Promise<void> {
  const text = stackText(`${registry.address}/shop`, {
    images: { repository: `${registry.address}/shop`, build },
    services: { api: { build: { context: "api" } }, web: { build: { context: "web" } } },
  }).replace("v1.0.0", tag);
  await checkBuildSource(await openRepository(clone.root), readEnvironment(clone.root, "dev", text));
}

it("accepts folders that equal the release's commit, whatever else was committed", async () => {
  await clone.commit("docs: more", { "README.md": "# Shop\n" });
  clone.write("api/build.log", "ignored\n");
  await check();
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
