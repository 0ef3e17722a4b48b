import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { up } from "../sandbox/engine/commands.ts";
import { engineEnvironment } from "../sandbox/engine/environment.ts";
import { paths } from "../sandbox/paths.ts";
import { takeLock } from "../sandbox/platform/lock.ts";
import { startPlatform } from "../sandbox/platform/start.ts";
import { toolPath } from "../sandbox/toolchain.ts";
import { projectRoot } from "./project-root.ts";

interface Tally {
  passed: number;
  failed: number;
}

const bin = (name: string) => join(projectRoot, "node_modules/.bin", name);

/** What is checked before any test runs: quick, and each a reason to stop. */
const CHECKS: [string, string, string[]][] = [
  ["format and lint", bin("biome"), ["ci", "--colors=off", "."]],
  ["types", bin("tsc"), ["--project", projectRoot]],
];

/** What a group of tests stands on. */
type Ground = "nothing" | "platform" | "local stack";

/**
 * Projects of vitest.config.ts, in turn: the end-to-end tests have both cores for themselves. Those on EKS take the one
 * cluster for themselves, and come before those that live beside the local stack, whose add-ons serve them.
 */
const GROUPS: { projects: string[]; ground: Ground }[] = [
  { projects: ["unit"], ground: "nothing" },
  { projects: ["plugins", "chart", "workflows", "checkov"], ground: "platform" },
  { projects: ["eks"], ground: "platform" },
  { projects: ["e2e"], ground: "local stack" },
];

/**
 * Runs the checks and the tests, the quick ones first, until one fails. The platform is brought up for those that need it.
 * Closes with one line, `<n> passed, <n> failed`; the exit code is 0 only if something ran and all of it passed.
 *
 * @param projects of vitest.config.ts. @default all of them, the checks included
 */
export async function runTests(projects: readonly string[]): Promise<void> {
  const tally: Tally = { passed: 0, failed: 0 };
  if (projects.length === 0) {
    for (const [name, command, args] of CHECKS) await check(tally, name, command, args);
  }
  for (const { projects: all, ground } of GROUPS) {
    const group = all.filter((project) => projects.length === 0 || projects.includes(project));
    if (group.length === 0 || tally.failed > 0) continue;
    if (ground !== "nothing") await bringUp();
    if (ground === "local stack" && (await up({ stack: "local" })) !== 0)
      throw new Error("The stack local could not be deployed.");
    const { passed, failed } = await runVitest(group);
    tally.passed += passed;
    tally.failed += failed;
  }
  console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
  process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}

async function check(tally: Tally, name: string, command: string, args: string[]): Promise<void> {
  const start = performance.now();
  const { exitCode } = await execa(command, args, { cwd: projectRoot, stdio: "inherit", reject: false });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${exitCode === 0 ? "✔" : "✖"} ${name} (${seconds} s)`);
  tally[exitCode === 0 ? "passed" : "failed"]++;
}

/** The platform, the emulated AWS included. */
async function bringUp(): Promise<void> {
  const release = await takeLock("test");
  try {
    await startPlatform({ aws: true }).run();
  } finally {
    release();
  }
}

async function runVitest(projects: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
  const report = join(folder, "report.json");
  const args = ["run", "--reporter=verbose", "--reporter=json", `--outputFile.json=${report}`];
  const { exitCode } = await execa(bin("vitest"), [...args, ...projects.flatMap((project) => ["--project", project])], {
    cwd: projectRoot,
    stdio: "inherit",
    reject: false,
    env: { ...toolEnvironment(), NO_COLOR: process.stdout.isTTY ? undefined : "1" },
  });
  const tally = readTally(report);
  rmSync(folder, { recursive: true, force: true });
  // An error outside any test, such as one in a set-up, fails the run without a failed test.
  return exitCode !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

function readTally(report: string): Tally {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
    return { passed: numPassedTests, failed: numFailedTests };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

/** What the chart and plugin tests find their tools by. */
function toolEnvironment(): Record<string, string> {
  return {
    ...engineEnvironment(),
    PATH: `${paths.bin}:${process.env.PATH}`,
    KUBECTL_PATH: toolPath("kubectl"),
    KUBECONFORM_PATH: toolPath("kubeconform"),
    KUBE_SCORE_PATH: toolPath("kube-score"),
    ACTIONLINT_PATH: toolPath("actionlint"),
    PULUMI_PATH: toolPath("pulumi"),
  };
}
