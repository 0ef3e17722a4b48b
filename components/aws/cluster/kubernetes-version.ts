import type { Fault } from "../../../config/index.ts";
import type { EksVersion } from "../lookup/account.ts";

/** EKS's status of a version without the price of extended support. */
const STANDARD_SUPPORT = "STANDARD_SUPPORT";
const ROLLBACK_GUIDE = "https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html";

/**
 * Refuses a version that EKS does not offer, or whose standard support has ended. The message lists the versions in standard
 * support, newest first, each with its last day. AWS knows them, so the program has no table of its own:
 * https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
 *
 * @param version such as `1.36`.
 * @param offered all versions that EKS lists, unsupported ones included.
 */
export function versionFault(version: string, offered: readonly EksVersion[]): Fault | undefined {
  const listed = offered.find((one) => one.version === version);
  if (listed?.status === STANDARD_SUPPORT) return undefined;
  const problem = listed
    ? `its standard support ended on ${dateOf(listed.endOfStandardSupport)}`
    : "EKS does not offer this version";
  const supported = offered
    .filter(({ status }) => status === STANDARD_SUPPORT)
    .sort((a, b) => minorOf(b.version) - minorOf(a.version))
    .map((one) => `${one.version} (until ${dateOf(one.endOfStandardSupport)})`);
  const wayOut =
    supported.length > 0
      ? `In standard support are ${supported.join(", ")}. Take one of them`
      : "EKS lists no version in standard support here. Check aws.region";
  return { path: ["cluster", "version"], message: `${problem}. ${wayOut}` };
}

/** Time for a team to test an upgrade, and to do two of them if it is a minor version behind. */
const WARNING_DAYS = 120;
const DAY_MS = 24 * 3600 * 1000;

/**
 * A warning long before the standard support of the running version ends; undefined if it is far off. On that day EKS upgrades the
 * control plane by itself, because the cluster is not set to extended support.
 *
 * @param now in milliseconds, as Date.now() has it.
 */
export function supportWarning(version: string, offered: readonly EksVersion[], now: number): string | undefined {
  const listed = offered.find((one) => one.version === version);
  if (listed === undefined) return undefined;
  const end = dateOf(listed.endOfStandardSupport);
  const days = Math.floor((Date.parse(listed.endOfStandardSupport) - now) / DAY_MS);
  if (Number.isNaN(days) || days > WARNING_DAYS) return undefined;
  const next = nextMinor(version);
  const wayOut = offered.some((one) => one.version === next && one.status === STANDARD_SUPPORT)
    ? `Upgrade before, at a time of your choice: set cluster.version to "${next}" in dev first, and then in the other stacks`
    : `EKS does not offer ${next} here yet. Look again soon`;
  return days < 0
    ? `cluster.version: standard support of Kubernetes ${version} ended on ${end}. EKS upgrades the cluster at any time. ${wayOut}.`
    : `cluster.version: standard support of Kubernetes ${version} ends on ${end}, in ${days} days. EKS then upgrades the cluster by ` +
        `itself. ${wayOut}.`;
}

/**
 * Refuses an update that EKS would refuse: it upgrades a control plane by one minor version at a time. A downgrade is only
 * possible by EKS's rollback, which needs the nodes downgraded first, so never by an update.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
 *
 * @param from the cluster's version, such as `1.35`.
 * @param to the version in the config.
 */
export function upgradeFault(from: string, to: string): Fault | undefined {
  const step = minorOf(to) - minorOf(from);
  if (step === 0 || step === 1) return undefined;
  const message =
    step > 1
      ? `the cluster runs ${from}, and EKS upgrades one minor version at a time. Set ${nextMinor(from)}, update, wait until the ` +
        "nodes run it too, then take the next"
      : `the cluster runs ${from} (EKS upgrades it itself when standard support ends), and an update cannot downgrade it. ` +
        `Set ${from}. Only EKS's rollback can, by one minor version and within 7 days of the upgrade: ${ROLLBACK_GUIDE}. ` +
        "After a rollback, run pulumi refresh";
  return { path: ["cluster", "version"], message };
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

function nextMinor(version: string): string {
  return `${version.split(".")[0]}.${minorOf(version) + 1}`;
}

/** @param time RFC 3339. */
function dateOf(time: string): string {
  return time.slice(0, 10);
}
