import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseDocument } from "yaml";
import { merge } from "../../config/merge.ts";
import { ENVIRONMENT_KEY, RELEASE_KEY, SERVICES_FILE, stackFileOf } from "../../config/naming.ts";
import { type RolloutStrategy, usesArgoRollouts } from "../../config/rollout-strategy.ts";
import { paths, projectRoot } from "../paths.ts";
import { hasForeignSecrets, replaceSecrets } from "./throw-away-secrets.ts";

/** Decrypts the throw-away secrets of the stacks that the sandbox deploys. Nothing real is encrypted with it. */
export const PASSPHRASE = "local";

export interface StackOptions {
  /** Stack of stacks/Pulumi.<name>.yaml. */
  stack: string;
  /** Deployed instead of the stack file's slipway:release. The stack file stays as it is. */
  release?: string;
  /** Stack file to use instead of stacks/Pulumi.<stack>.yaml. */
  configFile?: string;
}

/**
 * The stack file's path.
 *
 * @throws Error if it does not exist.
 */
export function stackFile({ stack, configFile }: StackOptions): string {
  const file = configFile ?? join(projectRoot, stackFileOf(stack));
  if (!existsSync(file))
    throw new Error(`Stack ${stack}: ${file} does not exist. Create it, or name another stack with --stack.`);
  return file;
}

/**
 * Runs something with a copy of the stack file that has the requested release. The engine writes into the file that it gets (a
 * salt for its secrets, its own format), and the stack's file in git must not change.
 */
export async function withStackFile<T>(options: StackOptions, run: (file: string) => Promise<T>): Promise<T> {
  const document = parseDocument(readFileSync(stackFile(options), "utf8"));
  if (options.release !== undefined) document.setIn(["config", RELEASE_KEY], options.release);
  // The nodes have this machine's architecture; the stack files are written for amd64.
  const platform = ["config", ENVIRONMENT_KEY, "images", "platform"];
  if (process.arch === "arm64" && !document.hasIn(platform)) document.setIn(platform, "linux/arm64");
  if (hasForeignSecrets(document)) {
    const provider = document.get("secretsprovider");
    const count = replaceSecrets(document, PASSPHRASE);
    console.log(
      `Secrets of the stack ${options.stack}: the sandbox cannot use ${provider}; ${count} throw-away values replace them.`,
    );
  }
  mkdirSync(paths.stackStates, { recursive: true });
  const copy = join(paths.stackStates, `Pulumi.${options.stack}.${process.pid}.yaml`);
  writeFileSync(copy, document.toString());
  try {
    return await run(copy);
  } finally {
    rmSync(copy, { force: true });
  }
}

/**
 * The environment that a stack's files describe, not validated. It needs no deployed stack.
 *
 * @throws Error if the stack has no file.
 */
export function environmentOf(options: StackOptions): Record<string, unknown> {
  const own = parse(readFileSync(stackFile(options), "utf8"))?.config?.[ENVIRONMENT_KEY];
  const shared = parse(readFileSync(join(projectRoot, SERVICES_FILE), "utf8"));
  return merge(shared ?? {}, own ?? {}) as Record<string, unknown>;
}

/** Whether a stack runs on EKS: here in the emulated AWS. */
export function livesInAws(options: StackOptions): boolean {
  return (environmentOf(options).cluster as { target?: string } | undefined)?.target === "eks";
}

/** Whether a service of a stack is replaced by a blue/green or canary rollout. */
export function hasStrategies(options: StackOptions): boolean {
  const services = Object.values(environmentOf(options).services ?? {}) as {
    rollout?: { strategy?: RolloutStrategy };
  }[];
  return services.some((service) => usesArgoRollouts(service?.rollout?.strategy));
}

/** Whether a stack installs an Argo CD of its own. */
export function hasArgoCd(options: StackOptions): boolean {
  const { addons, delivery } = environmentOf(options) as {
    addons?: { argoCd?: { enabled?: boolean } };
    delivery?: { mode?: string };
  };
  return addons?.argoCd?.enabled ?? delivery?.mode === "gitops";
}

/** Namespace of a stack's services. */
export function namespaceOf(options: StackOptions): string | undefined {
  return environmentOf(options).namespace as string | undefined;
}
