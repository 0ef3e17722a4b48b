import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../paths.ts";
import { environmentOf, livesInAws, type StackOptions } from "./stack-file.ts";

const STATES = join(paths.stackStates, ".pulumi/stacks/slipway");

const EKS_CLUSTER = "aws:eks/cluster:Cluster";

/** The parts of a resource in the engine's state that tell what it is. */
interface Resource {
  urn: string;
  type: string;
}

function resourcesOf(stack: string): Resource[] {
  try {
    const { checkpoint } = JSON.parse(readFileSync(join(STATES, `${stack}.json`), "utf8"));
    return checkpoint?.latest?.resources ?? [];
  } catch {
    // Just being written, or taken away.
    return [];
  }
}

/** Add-ons are once per cluster, and so whoever has them has the cluster. */
function isOfWholeCluster({ urn, type }: Resource): boolean {
  return type === EKS_CLUSTER || /slipway:index:Addons\$kubernetes:helm\.sh\/v\d:Release::/.test(urn);
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

/** Pure: whether a stack takes the whole cluster, add-ons and all, or but a namespace beside another stack's. */
export function takesCluster(environment: Record<string, unknown>): boolean {
  const { cluster, addons } = environment as {
    cluster?: { target?: string };
    addons?: Record<"traefik" | "metricsServer", { enabled?: boolean } | undefined>;
  };
  if (cluster?.target === "eks") return true;
  return addons?.traefik?.enabled !== false || addons?.metricsServer?.enabled !== false;
}

/**
 * Sees to it that the one cluster is free for this stack. To be called before anything is changed.
 *
 * @throws Error naming the stack that has it and the command that takes that away.
 */
export function claimCluster(options: StackOptions): void {
  if (!takesCluster(environmentOf(options))) return;
  const holder = deployedStacks().find((stack) => stack !== options.stack && resourcesOf(stack).some(isOfWholeCluster));
  if (holder === undefined) return;
  const what = livesInAws(options) ? "lives on an EKS cluster" : "has add-ons of the whole cluster";
  throw new Error(
    `Stack ${options.stack} ${what}; here there is one cluster for all stacks, and the stack ${holder} is deployed in it. ` +
      `Nothing was changed. Make room first: npm run sandbox -- destroy --stack ${holder}`,
  );
}
