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
/** The commit that is to be released: what is checked out, with an api and a web. */
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

it("takes what is as the release's commit has it, whatever was committed beside it", async () => {
  await clone.commit("docs: more", { "README.md": "# Shop\n" });
  clone.write("api/build.log", "ignored\n");
  await check();
});

it.each([
  ["changed", "api/main.go"],
  ["not tracked by git", "api/more.go"],
])("refuses to build a release of files that are %s", async (_, file) => {
  clone.write(file, "package other\n");
  const hash = commit.slice(0, 7);
  await expect(check()).rejects.toThrow(
    `services.api: the registry lacks ${release()}, and api is not as ${hash} has it`,
  );
});

it("refuses to build a release of another commit than is checked out", async () => {
  await clone.commit("feat: more", { "web/index.ts": "export default 1;\n" });
  await expect(check()).rejects.toThrow(/^services\.web: .* Check the commit out \(git switch --detach /);
});

it("refuses to build a release whose commit git does not know", async () => {
  await expect(check("v1.1.0-0123abc")).rejects.toThrow(
    "git does not know 0123abc to build it of; nothing was changed.",
  );
});

it("lets the files be as they are where nothing is built of them", async () => {
  clone.write("api/main.go", "package other\n");
  await check(release(), "never");
  await check("v1.1.0");
  held[`shop:api-${release()}`] = `sha256:${"a".repeat(64)}`;
  await check();
});
