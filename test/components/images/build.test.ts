import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type BuiltService, buildInputs } from "../../../components/images/build.ts";
import type { Environment } from "../../../config/index.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const images: Environment["images"] = { build: "if-missing", platform: "linux/amd64" };
const repository = "registry.example.com/shop";
const service = {
  name: "api",
  release: "v1",
  build: { context: "app", dockerfile: "../Dockerfile", args: {} },
} as BuiltService;

function project(): string {
  const root = temporaryFolder();
  mkdirSync(join(root, "app"));
  writeFileSync(join(root, "app/main.go"), "package main");
  writeFileSync(join(root, "Dockerfile"), "FROM scratch");
  return root;
}

it("is the same for the same inputs, and undefined without a Dockerfile", () => {
  expect(buildInputs(service, images, repository, project())).toBe(buildInputs(service, images, repository, project()));
  expect(
    buildInputs({ ...service, build: { ...service.build, dockerfile: "Dockerfile" } }, images, repository, project()),
  ).toBeUndefined();
});

it.each<[string, (root: string) => void]>([
  ["a source file", (root) => writeFileSync(join(root, "app/main.go"), "package other")],
  ["a file's mode", (root) => chmodSync(join(root, "app/main.go"), 0o600)],
  ["a Dockerfile outside the context", (root) => writeFileSync(join(root, "Dockerfile"), "FROM other")],
  ["the Dockerfile's own ignore file", (root) => writeFileSync(join(root, "Dockerfile.dockerignore"), "*.md")],
])("changes with %s, as the provider's digest does", (_, change) => {
  const root = project();
  const before = buildInputs(service, images, repository, root);
  change(root);
  expect(buildInputs(service, images, repository, root)).not.toBe(before);
});

it.each<[string, Partial<BuiltService>]>([
  ["the release", { release: "v2" }],
  ["a build argument", { build: { ...service.build, args: { BASE_IMAGE: "other" } } }],
  ["the target", { build: { ...service.build, target: "test" } }],
])("changes with %s", (_, change) => {
  const root = project();
  expect(buildInputs({ ...service, ...change }, images, repository, root)).not.toBe(
    buildInputs(service, images, repository, root),
  );
});
