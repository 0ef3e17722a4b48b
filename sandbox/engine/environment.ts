import { dirname } from "node:path";
import { awsEnvironment, identityOf } from "../aws/account.ts";
import { cache, paths } from "../paths.ts";
import { environmentOf, livesInAws, PASSPHRASE, type StackOptions } from "./stack-file.ts";

/** Tells the engine, its plugins and the program where the sandbox is. They learn of it in no other way. */
export function engineEnvironment(): Record<string, string> {
  return {
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_BACKEND_URL: `file://${paths.stackStates}`,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    // Offline, each package would cost a failed download.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    KUBECONFIG: paths.kubeconfig,
    DOCKER_HOST: `unix://${paths.dockerSocket}`,
  };
}

/**
 * The variables that make `pulumi` and the delivery commands use the sandbox. A stack on EKS gets access to the emulated AWS
 * too, which must be running.
 *
 * @returns PATH holds only the folders to put before the caller's own.
 */
export async function shellEnvironment(options: StackOptions): Promise<Record<string, string>> {
  const { PATH: withAws = "", ...aws } = livesInAws(options)
    ? await awsEnvironment(identityOf(environmentOf(options)))
    : {};
  const awsFolders = withAws.replace(`:${process.env.PATH}`, "").split(":").filter(Boolean);
  const folders = [...nodeFolder(), paths.bin, ...awsFolders];
  return { ...engineEnvironment(), ...aws, PATH: folders.join(":") };
}

/** The folder of `node`, if it is the one that the sandbox has downloaded. A machine's own is on PATH already. */
function nodeFolder(): string[] {
  return process.execPath.startsWith(`${cache}/`) ? [dirname(process.execPath)] : [];
}
