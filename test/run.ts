import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { up } from "../sandbox/engine/commands.ts";
import { engineEnvironment } from "../sandbox/engine/environment.ts";
import { paths } from "../sandbox/paths.ts";
import { takeLock } from "../sandbox/platform/lock.ts";
import { startPlatform } from "../sandbox/platform/start.ts";
import { toolStep } from "../sandbox/platform/steps.ts";
import { taskList } from "../sandbox/platform/task-list.ts";
import { toolPath } from "../sandbox/toolchain.ts";
import { type ToolName, toolsNeededBy } from "../sandbox/tools.ts";
import { projectRoot } from "./project-root.ts";

interface Tally {
  passed: number;
  failed: number;
}

/** Scripts of package.json that check the sources before any test runs, as in `npm run check`. */
const CHECKS = ["lint", "typecheck"];

/** What a group of tests needs. Tools are built with Go, but need neither root nor the platform. */
type Need = "nothing" | "tools" | "platform" | "local stack";

interface Group {
  /** The name that the user gives, with the projects of vitest.config.ts that it stands for. */
  projects: Record<string, string[]>;
  needs: Need;
}

/**
 * In order: the quick tests first. The end-to-end tests have both cores for themselves. Those on EKS take the one cluster for
 * themselves, and run before those that share it with the local stack.
 */
const GROUPS: Group[] = [
  { projects: { unit: ["unit", "delivery", "unit-isolated"] }, needs: "nothing" },
  { projects: { chart: ["chart"], workflows: ["workflows"] }, needs: "tools" },
  { projects: { plugins: ["plugins"], checkov: ["checkov"] }, needs: "platform" },
  { projects: { eks: ["eks"] }, needs: "platform" },
  { projects: { e2e: ["e2e"] }, needs: "local stack" },
  { projects: { nodes: ["nodes"] }, needs: "local stack" },
  { projects: { platform: ["platform"] }, needs: "local stack" },
];

/** What the chart and workflow tests call. */
const TOOLS: ToolName[] = ["kubernetes", "helm", ...toolsNeededBy("tests")];

/**
 * Runs the checks and the tests until a group fails. Builds the tools and starts the platform for those that need them.
 * Ends with one line, `<n> passed, <n> failed`. The exit code is 0 only if something ran and everything passed.
 *
 * @param names unit, chart, workflows, plugins, checkov, eks, e2e, nodes, platform. @default - all of them, and the checks
 * @throws Error if a name is unknown.
 */
export async function runTests(names: readonly string[]): Promise<void> {
  const known = GROUPS.flatMap(({ projects }) => Object.keys(projects));
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`test: unknown project ${unknown.join(", ")}. Known: ${known.join(", ")}.`);
  const tally: Tally = { passed: 0, failed: 0 };
  if (names.length === 0) for (const script of CHECKS) await check(tally, script);
  const prepare = preparation();
  for (const { projects, needs } of GROUPS) {
    const group = Object.entries(projects).flatMap(([name, all]) =>
      names.length === 0 || names.includes(name) ? all : [],
    );
    if (group.length === 0 || tally.failed > 0) continue;
    await prepare(needs);
    const { passed, failed } = await runVitest(group);
    tally.passed += passed;
    tally.failed += failed;
  }
  console.log(`\n${tally.passed} passed, ${tally.failed} failed`);
  process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}

async function check(tally: Tally, script: string): Promise<void> {
  const start = performance.now();
  const { exitCode } = await execa("npm", ["run", "--silent", script], {
    cwd: projectRoot,
    stdio: "inherit",
    reject: false,
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${exitCode === 0 ? "✔" : "✖"} ${script} (${seconds} s)`);
  tally[exitCode === 0 ? "passed" : "failed"]++;
}

/** Provides what a group needs. The platform is started once. */
function preparation(): (needs: Need) => Promise<void> {
  let isPlatformUp = false;
  return async (needs) => {
    if (needs === "nothing") return;
    const release = await takeLock("test");
    try {
      if (needs === "tools") await taskList("Tools for the tests", TOOLS.map(toolStep), "ready").run();
      else if (!isPlatformUp) await startPlatform({ aws: true, strategies: true, gitops: true }).run();
      isPlatformUp ||= needs !== "tools";
    } finally {
      release();
    }
    if (needs === "local stack" && (await up({ stack: "local" })) !== 0)
      throw new Error("The stack local could not be deployed: see above.");
  };
}

async function runVitest(projects: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
  const report = join(folder, "report.json");
  const args = ["run", "--reporter=verbose", "--reporter=json", `--outputFile.json=${report}`];
  const vitest = join(projectRoot, "node_modules/.bin/vitest");
  const { exitCode } = await execa(vitest, [...args, ...projects.flatMap((project) => ["--project", project])], {
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

/** Tells the chart and plugin tests where their tools are. */
function toolEnvironment(): Record<string, string> {
  return {
    ...engineEnvironment(),
    PATH: `${paths.bin}:${process.env.PATH}`,
    HELM_PATH: toolPath("helm"),
    KUBECTL_PATH: toolPath("kubectl"),
    KUBECONFORM_PATH: toolPath("kubeconform"),
    KUBE_SCORE_PATH: toolPath("kube-score"),
    ACTIONLINT_PATH: toolPath("actionlint"),
    PULUMI_PATH: toolPath("pulumi"),
  };
}
