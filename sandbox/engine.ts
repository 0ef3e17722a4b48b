import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation/index.js";
import { parseDocument } from "yaml";
import { paths } from "./paths.ts";
import { installPlugins } from "./providers/install.ts";

/** Folder of the project: Pulumi.yaml, index.ts and stacks/ are here. */
export const projectRoot = join(import.meta.dirname, "..");
const pulumiHome = join(paths.state, "pulumi");
const stackStates = join(paths.state, "stacks");
/** Opens the throw-away secrets of stacks/Pulumi.local.yaml. Nothing real is encrypted with it. */
const PASSPHRASE = "local";

export interface StackOptions {
  /** Stack of stacks/Pulumi.<name>.yaml. */
  stack: string;
  /** Deployed in place of the stack file's slipway:release. The stack file stays as it is. */
  release?: string;
  /** Stack file to use in place of stacks/Pulumi.<stack>.yaml. */
  configFile?: string;
}

export interface OpenedStack {
  stack: Stack;
  /** For the engine's calls: the stack file, or the copy that carries another release. */
  configFile: string;
  plugins: Awaited<ReturnType<typeof installPlugins>>;
}

/** What the engine, the plugins and the program find the sandbox by: environment variables and nothing else. */
export function engineEnvironment(): Record<string, string> {
  return {
    PULUMI_HOME: pulumiHome,
    PULUMI_BACKEND_URL: `file://${stackStates}`,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    // Offline, each package would cost a failed download.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
    KUBECONFIG: paths.kubeconfig,
    DOCKER_HOST: `unix://${paths.dockerSocket}`,
    HELM_PATH: join(paths.bin, "helm"),
  };
}

/**
 * Opens a stack of the program as the Pulumi CLI does: same project, same stack files, same index.ts, run in this process.
 *
 * @throws Error that names the stack files there are, if the one asked for is not among them.
 */
export async function openStack(options: StackOptions): Promise<OpenedStack> {
  const environment = engineEnvironment();
  Object.assign(process.env, environment);
  for (const folder of [pulumiHome, stackStates]) mkdirSync(folder, { recursive: true });
  const configFile = configFileOf(options);
  const plugins = await installPlugins(pulumiHome);
  const pulumiCommand = await PulumiCommand.get({ root: join(paths.bin, ".."), skipVersionCheck: true });
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: options.stack, projectName: "slipway", program },
    { workDir: projectRoot, envVars: environment, pulumiCommand },
  );
  return { stack, configFile, plugins };
}

const program: PulumiFn = async () => ({ ...(await import("../index.ts")) });

function configFileOf({ stack, release, configFile }: StackOptions): string {
  const file = configFile ?? join(projectRoot, "stacks", `Pulumi.${stack}.yaml`);
  if (!existsSync(file))
    throw new Error(`Stack ${stack}: ${file} does not exist. Make it, or name another with --stack.`);
  if (release === undefined) return file;
  const document = parseDocument(readFileSync(file, "utf8"));
  document.setIn(["config", "slipway:release"], release);
  const copy = join(stackStates, `Pulumi.${stack}.yaml`);
  writeFileSync(copy, document.toString());
  return copy;
}
