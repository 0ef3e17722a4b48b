import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const root = join(import.meta.dirname, "..");
const depcruise = join(root, "node_modules/.bin/depcruise");
const EVERYTHING = ["index.ts", "components", "config", "delivery", "policy", "sandbox", "test"];

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
}

/** Violations that dependency-cruiser finds, as `rule: from → to`. */
async function violations(cwd: string, config: string, paths: readonly string[]): Promise<string[]> {
  const args = [depcruise, "--config", config, "--output-type", "json", ...paths];
  // It fails with violations, whose number is then the exit code.
  const { stdout } = await execa(process.execPath, args, { cwd, reject: false, maxBuffer: 2 ** 28 });
  const { summary } = JSON.parse(stdout) as { summary: { violations: Violation[]; totalCruised: number } };
  expect(summary.totalCruised).toBeGreaterThan(1);
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}

describe("the modules of this project", { timeout: 120_000 }, () => {
  it("import each other only as the layout allows", async () => {
    expect(await violations(root, ".dependency-cruiser.json", EVERYTHING)).toEqual([]);
  });

  it("load the AWS provider on demand", async () => {
    expect(await violations(root, ".dependency-cruiser.startup.json", ["index.ts"])).toEqual([]);
  });
});

describe("the rules themselves", { timeout: 60_000 }, () => {
  it("refuse what they forbid", async () => {
    const folder = projectOf({
      "components/one.ts": 'import "./other.ts";',
      "components/other.ts": 'import "./one.ts";',
      // Types alone make a cycle too, and so does an import at run time.
      "components/type.ts": 'import type { B } from "./late.ts"; export type A = B;',
      "components/late.ts": 'export type B = number; export const load = () => import("./type.ts");',
      "components/deploy.ts": 'import "../delivery/command.ts";',
      "config/component.ts": 'import "../components/one.ts";',
      "config/gone.ts": 'import "./missing.ts";',
      "delivery/command.ts": 'import "../test/fixture.ts";',
      "policy/rule.ts": 'import "../components/one.ts"; import "../config/gone.ts";',
      "sandbox/platform.ts": "",
      "test/fixture.ts": "",
      "index.ts": 'import "./sandbox/platform.ts";',
    });
    const cycle = (from: string, to: string) => `no-cycle: components/${from}.ts → components/${to}.ts`;
    const found = await violations(folder, ".dependency-cruiser.json", EVERYTHING);
    expect(found.filter((violation) => !violation.startsWith("no-cycle")).sort()).toEqual([
      "components-without-delivery: components/deploy.ts → delivery/command.ts",
      "config-alone: config/component.ts → components/one.ts",
      "no-missing-module: config/gone.ts → ./missing.ts",
      "policy-beside-program: policy/rule.ts → components/one.ts",
      "program-without-sandbox: delivery/command.ts → test/fixture.ts",
      "program-without-sandbox: index.ts → sandbox/platform.ts",
    ]);
    expect(found).toEqual(expect.arrayContaining([cycle("one", "other"), cycle("late", "type")]));
  });

  it("refuse a static way to the AWS provider, however long, and allow a dynamic one", async () => {
    const behind = (statement: string) =>
      projectOf({
        "index.ts": 'import "./components/a.ts";',
        "components/a.ts": statement,
        "components/b.ts": 'import "@pulumi/aws";',
      });
    const found = (folder: string) => violations(folder, ".dependency-cruiser.startup.json", ["index.ts"]);
    expect(await found(behind('import "./b.ts";'))).toEqual([expect.stringMatching(/^aws-only-on-demand: index\.ts/)]);
    expect(await found(behind('export const load = () => import("./b.ts");'))).toEqual([]);
  });
});

/** A project of these files, by path, with the rules and packages of this one. */
function projectOf(files: Record<string, string>): string {
  const folder = temporaryFolder();
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const name of [".dependency-cruiser.json", ".dependency-cruiser.startup.json", "package.json"]) {
    cpSync(join(root, name), join(folder, name));
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
