import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../paths.ts";
import { environmentOf, livesInAws, type StackOptions } from "./stack-file.ts";

const STATES = join(paths.stackStates, ".pulumi/stacks/slipway");

const EKS_CLUSTER = "aws:eks/cluster:Cluster";

/** The fields of a resource in the engine's state that say what it is. */
interface Resource {
  urn: string;
  type: string;
}

function resourcesOf(stack: string): Resource[] {
  try {
    const { checkpoint } = JSON.parse(readFileSync(join(STATES, `${stack}.json`), "utf8"));
    return checkpoint?.latest?.resources ?? [];
  } catch {
    // It is being written or has been deleted.
    return [];
  }
}

/** Each stack that uses these has its own, in a namespace beside that of its services. */
const ADDONS_OF_A_STACK = ["argo-rollouts", "prometheus", "argo-cd"];

/** A cluster has each other add-on once, so the stack that owns them owns the cluster. */
function isOfWholeCluster({ urn, type }: Resource): boolean {
  const addon = /slipway:index:Addons\$kubernetes:helm\.sh\/v\d:Release::(.+)$/.exec(urn)?.[1];
  return type === EKS_CLUSTER || (addon !== undefined && !ADDONS_OF_A_STACK.includes(addon));
}

function deployedStacks(): string[] {
  try {
    return readdirSync(STATES).flatMap((file) => (file.endsWith(".json") ? file.slice(0, -".json".length) : []));
  } catch {
    return [];
  }
}

/** Whether a stack has an EKS cluster in the emulated AWS. */
export function hasEksCluster(stack: string): boolean {
  return resourcesOf(stack).some(({ type }) => type === EKS_CLUSTER);
}

/** Stacks with an EKS cluster in the emulated AWS. */
export function stacksOnEks(): string[] {
  return deployedStacks().filter(hasEksCluster);
}

/** Pure: whether a stack needs the whole cluster, with its add-ons. The others need only a namespace beside another stack's. */
export function takesCluster(environment: Record<string, unknown>): boolean {
  const { cluster, addons } = environment as {
    cluster?: { target?: string };
    addons?: Record<"traefik" | "metricsServer", { enabled?: boolean } | undefined>;
  };
  if (cluster?.target === "eks") return true;
  return addons?.traefik?.enabled !== false || addons?.metricsServer?.enabled !== false;
}

/**
 * Checks that the one cluster is free for this stack. Call it before anything is changed.
 *
 * @throws Error with the stack that owns the cluster and the command that destroys it.
 */
export function claimCluster(options: StackOptions): void {
  if (!takesCluster(environmentOf(options))) return;
  const holder = deployedStacks().find((stack) => stack !== options.stack && resourcesOf(stack).some(isOfWholeCluster));
  if (holder === undefined) return;
  const what = livesInAws(options) ? "runs on an EKS cluster of its own" : "installs add-ons for a whole cluster";
  throw new Error(
    `Stack ${options.stack} ${what}, but the sandbox has one cluster and the stack ${holder} is deployed there. ` +
      `Nothing was changed. Destroy that stack first: npm run sandbox -- destroy --stack ${holder}`,
  );
}
