import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation/index.js";
import { awsEnvironment, identityOf, withoutAws } from "./aws/account.ts";
import { chartMirrors } from "./chart-repository.ts";
import { paths } from "./paths.ts";
import { type InstalledPlugin, installPlugins } from "./providers/install.ts";
import { environmentOf, livesInAws, PASSPHRASE, projectRoot, type StackOptions, stackFile } from "./stack-file.ts";
import { removeStaleLocks } from "./stale-lock.ts";

/** What the engine, the plugins and the program find the sandbox by: environment variables and nothing else. */
export function engineEnvironment(): Record<string, string> {
  return {
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_BACKEND_URL: `file://${paths.stackStates}`,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    // Offline, each package would cost a failed download.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
    KUBECONFIG: paths.kubeconfig,
    DOCKER_HOST: `unix://${paths.dockerSocket}`,
    HELM_PATH: join(paths.bin, "helm"),
    // Where the public chart repositories cannot be reached.
    HELM_REPOSITORY_MIRRORS: chartMirrors,
  };
}

/** The same for one stack: with access to the emulated AWS where it lives there, which must run by then. */
export async function stackEnvironment(options: StackOptions): Promise<Record<string, string>> {
  if (!livesInAws(options)) return engineEnvironment();
  return { ...engineEnvironment(), ...(await awsEnvironment(identityOf(environmentOf(options)))) };
}

/**
 * Opens a stack of the program as the Pulumi CLI does: same project, same index.ts, run in this process.
 *
 * @returns the stack, and the plugins that the engine uses.
 */
export async function openStack(options: StackOptions): Promise<{ stack: Stack; plugins: InstalledPlugin[] }> {
  const environment = await stackEnvironment(options);
  if (livesInAws(options)) withoutAws(process.env);
  Object.assign(process.env, environment);
  for (const folder of [paths.pulumiHome, paths.stackStates]) mkdirSync(folder, { recursive: true });
  removeStaleLocks(options.stack);
  const plugins = await installPlugins(paths.pulumiHome);
  const pulumiCommand = await PulumiCommand.get({ root: join(paths.bin, ".."), skipVersionCheck: true });
  const stack = await unchanged(stackFile({ stack: options.stack }), () =>
    LocalWorkspace.createOrSelectStack(
      { stackName: options.stack, projectName: "slipway", program },
      { workDir: projectRoot, envVars: environment, pulumiCommand },
    ),
  );
  return { stack, plugins };
}

const program: PulumiFn = async () => ({ ...(await import("../index.ts")) });

/** Making a stack writes a salt into its file; here that is only the sandbox's own, so the file is put back. */
async function unchanged<T>(file: string, run: () => Promise<T>): Promise<T> {
  const before = readFileSync(file);
  try {
    return await run();
  } finally {
    if (!readFileSync(file).equals(before)) writeFileSync(file, before);
  }
}
