import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withoutAws } from "../aws/account.ts";
import { paths, projectRoot } from "../paths.ts";
import { serviceStatuses, serviceTable } from "../platform/services.ts";
import { describePlugins, installPlugins } from "../providers/install.ts";
import { toolPath } from "../toolchain.ts";
import { shellEnvironment } from "./environment.ts";
import { runPulumi } from "./pulumi.ts";
import { livesInAws, namespaceOf, type StackOptions, withStackFile } from "./stack-file.ts";
import { removeStaleLocks } from "./state-locks.ts";

const PROJECT = "slipway";
/** The rules of policy/, as slipway deploy and preview apply them. */
const POLICY_PACK = ["--policy-pack", "policy/pack"];

/**
 * `pulumi up`: deploys the stack and prints which services run afterwards, also after a failure.
 *
 * @returns the exit code, as all functions here do. The engine has printed what went wrong.
 */
export async function up(options: StackOptions): Promise<number> {
  // The preview would run the program twice: a person who wants one asks for it.
  const exitCode = await runOnStack(options, ["up", "--yes", "--skip-preview", ...POLICY_PACK]);
  const namespace = namespaceOf(options);
  console.log(`\nWhat runs now:\n${serviceTable(namespace ? await serviceStatuses(namespace) : {})}`);
  return exitCode;
}

/** `pulumi preview`: shows what an update would change. */
export async function preview(options: StackOptions): Promise<number> {
  return runOnStack(options, ["preview", "--diff", ...POLICY_PACK]);
}

/** `pulumi refresh`: updates the state to match the live resources. */
export async function refresh(options: StackOptions): Promise<number> {
  return runOnStack(options, ["refresh", "--yes", "--skip-preview"]);
}

/** `pulumi destroy`: deletes the stack's resources. */
export async function destroy(options: StackOptions): Promise<number> {
  // With the preview, which refuses protected resources before anything is deleted.
  return runOnStack(options, ["destroy", "--yes"]);
}

async function runOnStack(options: StackOptions, args: readonly string[]): Promise<number> {
  const { stack } = options;
  return withStackFile(options, async (configFile) => {
    for (const folder of [paths.pulumiHome, paths.stackStates]) mkdirSync(folder, { recursive: true });
    removeStaleLocks(stack);
    console.log(`Provider plugins: ${describePlugins(await installPlugins(paths.pulumiHome))}`);
    const env = await environmentFor(options);
    if (!existsSync(join(paths.stackStates, ".pulumi/stacks", PROJECT, `${stack}.json`))) {
      const exitCode = await createStack(stack, env);
      if (exitCode !== 0) return exitCode;
    }
    const flags = ["--stack", stack, "--config-file", configFile];
    return runPulumi({ command: toolPath("pulumi"), args: [...args, ...flags], cwd: projectRoot, env });
  });
}

/**
 * Runs `pulumi stack init` in a folder with nothing but a Pulumi.yaml: it takes no --config-file and would write a salt into
 * the stack's file in git.
 */
async function createStack(stack: string, env: NodeJS.ProcessEnv): Promise<number> {
  const cwd = mkdtempSync(join(paths.state, "stack-init-"));
  try {
    writeFileSync(join(cwd, "Pulumi.yaml"), `name: ${PROJECT}\nruntime: nodejs\n`);
    const args = ["stack", "init", "--stack", stack, "--no-select"];
    return await runPulumi({ command: toolPath("pulumi"), args, cwd, env });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** This process's environment with the sandbox's over it. A stack on EKS must not meet real credentials. */
async function environmentFor(options: StackOptions): Promise<NodeJS.ProcessEnv> {
  const own = { ...process.env };
  if (livesInAws(options)) withoutAws(own);
  const { PATH, ...sandbox } = await shellEnvironment(options);
  return { ...own, ...sandbox, PATH: `${PATH}:${process.env.PATH}` };
}
