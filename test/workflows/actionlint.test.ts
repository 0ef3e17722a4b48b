import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { program } from "../programs.ts";
import { projectRoot } from "../project-root.ts";
import { temporaryFolder } from "../temporary-folder.ts";

// shellcheck finds more, but is not on every machine: the verdict must be the same on all.
const lint = (...files: string[]) =>
  execa(program("actionlint"), ["-shellcheck=", "-pyflakes=", "-no-color", ...files], {
    cwd: projectRoot,
    all: true,
    reject: false,
  });

it("finds no fault in the workflows", async () => {
  const { exitCode, all } = await lint();
  expect(exitCode, all).toBe(0);
});

it("would find one", async () => {
  const file = join(temporaryFolder(), "deploy.yaml");
  const workflow = readFileSync(join(projectRoot, ".github/workflows/deploy.yaml"), "utf8");
  writeFileSync(file, workflow.replace("needs.version.outputs.version", "needs.versions.outputs.version"));
  const { exitCode, all } = await lint(file);
  expect(exitCode, all).toBe(1);
  expect(all).toContain('property "versions" is not defined');
});
