import type { Fault } from "../../../config/index.ts";
import type { OfferedVersion } from "../lookup/lookup.ts";

/** How EKS calls a version that costs nothing extra and gets every fix. */
const STANDARD_SUPPORT = "STANDARD_SUPPORT";
const ROLLBACK_GUIDE = "https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html";

/**
 * What is wrong with a version for a cluster that keeps to standard support: EKS does not offer it, or its standard
 * support is over. The way out lists the versions to take, the newest first, each with its last day.
 *
 * @param version such as `1.36`.
 * @param offered all that EKS lists, the unsupported ones included.
 */
export function versionFault(version: string, offered: readonly OfferedVersion[]): Fault | undefined {
  const listed = offered.find((one) => one.version === version);
  if (listed?.status === STANDARD_SUPPORT) return undefined;
  const wrong = listed
    ? `its standard support ended on ${day(listed.endOfStandardSupport)}`
    : "EKS does not offer this version";
  const allowed = offered
    .filter(({ status }) => status === STANDARD_SUPPORT)
    .sort((a, b) => minorOf(b.version) - minorOf(a.version))
    .map((one) => `${one.version} (until ${day(one.endOfStandardSupport)})`);
  const way =
    allowed.length > 0
      ? `In standard support are ${allowed.join(", ")}. Take one of them`
      : "EKS lists no version in standard support here. Check aws.region";
  return { path: ["cluster", "version"], message: `${wrong}. ${way}` };
}

/**
 * What is wrong with a step from the version that a cluster runs to another. EKS raises a control plane by one minor at a
 * time. Down it goes only by a rollback of EKS's own, for which the nodes must go down first, so never by an update.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
 *
 * @param from what runs, such as `1.34`.
 * @param to what the config asks for.
 */
export function upgradeFault(from: string, to: string): Fault | undefined {
  const step = minorOf(to) - minorOf(from);
  if (step === 0 || step === 1) return undefined;
  const message =
    step > 1
      ? `the cluster runs ${from}, and EKS upgrades one minor at a time. Set ${nextOf(from)}, update, wait until the ` +
        "nodes have followed, then go on to the next"
      : `the cluster runs ${from} (EKS raises it by itself when standard support ends), and an update never takes it ` +
        `back. Set ${from}. Only EKS's own rollback goes back, by one minor and within 7 days of the upgrade: ` +
        `${ROLLBACK_GUIDE}. After one, run pulumi refresh`;
  return { path: ["cluster", "version"], message };
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

function nextOf(version: string): string {
  return `${version.split(".")[0]}.${minorOf(version) + 1}`;
}

/** Of an RFC 3339 time. */
function day(time: string): string {
  return time.slice(0, 10);
}
