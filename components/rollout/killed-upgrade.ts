import type { V1Secret } from "@kubernetes/client-node";
import type { ClusterReader } from "../cluster/reader.ts";
import { recordChangedBy, recordCopy } from "./helm-record.ts";

/** Statuses of revisions that may have changed objects and did not come to their end. */
const UNFINISHED = ["pending-upgrade", "pending-rollback", "failed"];

/**
 * Tells Helm what a killed upgrade may have changed. Helm compares the next manifest with that of the revision that is deployed, which
 * knows nothing of the killed one: what only the killed one has would stay: an object, a variable or a container. Of kinds that are
 * not Kubernetes' own, such as a Rollout, Helm does not even look at the live object: a release before would change nothing.
 *
 * So the deployed record gets a manifest that has what either has. Its own is kept in a copy, to which Helm rolls back if the next upgrade
 * fails: Helm takes the newest revision that was ever deployed. If this is killed, it can be done again.
 */
export async function recordKilledUpgrade(reader: ClusterReader, namespace: string, release: string): Promise<void> {
  const records = (await reader.revisionRecords(namespace, { name: release })).sort(
    (a, b) => revision(a) - revision(b),
  );
  const deployed = records.findLast((record) => status(record) === "deployed");
  if (deployed === undefined) return;
  const later = records.filter((record) => revision(record) > revision(deployed));
  const unfinished = later.filter((record) => UNFINISHED.includes(status(record)));
  if (!later.some((record) => status(record) === "superseded")) {
    const next = revision(later.at(-1) ?? deployed) + 1;
    await reader.createSecret(copyOf(deployed, release, next));
  }
  const data = recordChangedBy(
    content(deployed),
    unfinished.map((record) => content(record)),
  );
  await reader.replaceSecret({ ...deployed, data: { ...deployed.data, release: data } });
}

function copyOf({ metadata, type, data }: V1Secret, release: string, next: number): V1Secret {
  const { namespace, labels } = metadata ?? {};
  return {
    type,
    metadata: {
      name: `sh.helm.release.v1.${release}.v${next}`,
      namespace,
      labels: { ...labels, version: String(next), status: "superseded" },
    },
    data: { ...data, release: recordCopy(data?.release ?? "", next) },
  };
}

const content = ({ data }: V1Secret) => data?.release ?? "";
const status = ({ metadata }: V1Secret) => metadata?.labels?.status ?? "";
const revision = ({ metadata }: V1Secret) => Number(metadata?.labels?.version);
