import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { V1Secret } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../config/index.ts";
import { HELM_RELEASE } from "../../config/naming.ts";
import { enabledAddons } from "../addons/list.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { stateResources, urnOfAddon, urnOfServices } from "../state-resources.ts";

/** What the engine's state says of Helm releases, each by its namespace and name. */
export interface RecordedReleases {
  known: Set<string>;
  /** Those whose creation was under way when an engine was killed. */
  creating: Set<string>;
}

interface Exported {
  deployment?: {
    resources?: Resource[];
    pending_operations?: { type: string; resource: Resource }[];
  };
}
interface Resource {
  type: string;
  inputs?: { name?: string; namespace?: string };
}

/**
 * Deletes Helm's records of releases whose first install outlived the killed engine: the release is in the cluster and not in the state,
 * and Helm would refuse to install it again ("cannot re-use a name that is still in use"). Its objects stay and serve, and Helm adopts
 * them. Only releases that the state says it was creating: another in the namespace belongs to somebody else. The stack is exported, which
 * takes a second, only if the cluster has a release that the state does not have.
 */
export async function forgetUnrecordedInstalls(
  reader: ClusterReader,
  environment: Environment,
  readState: () => Promise<RecordedReleases> = exportState,
): Promise<void> {
  const suspects = await suspectedInstalls(reader, environment);
  if (suspects.size === 0) return;
  const { known, creating } = await readState().catch(async (error: unknown) => {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    await pulumi.log.warn(
      `${[...suspects.keys()].join(", ")}: Helm has a release of that name that this stack may not know, and the stack cannot be exported ` +
        `(${why}). If Helm refuses the name, see docs/runbooks/stuck-helm-release.md.`,
    );
    return { known: new Set<string>(), creating: new Set<string>() };
  });
  for (const [release, records] of suspects) {
    if (known.has(release) || !creating.has(release)) continue;
    for (const { metadata } of records) {
      const { name = "", namespace = "", resourceVersion = "" } = metadata ?? {};
      await reader.deleteRevision(namespace, { secret: name, resourceVersion });
    }
    await pulumi.log.warn(
      `${release}: an earlier update was killed while it installed this release for the first time. Helm's record of it was deleted, and ` +
        "this update takes its objects over.",
    );
  }
}

/** Records of Helm releases that are in the cluster, and that the state does not have by their URN. */
async function suspectedInstalls(reader: ClusterReader, environment: Environment): Promise<Map<string, V1Secret[]>> {
  const state = await stateResources();
  const services = environment.services
    .filter(({ name }) => !state.has(urnOfServices(HELM_RELEASE, name)))
    .map(({ name }) => ({ name, namespace: environment.namespace }));
  const addons = enabledAddons(environment)
    .filter(({ name }) => !state.has(urnOfAddon(name)))
    .map(({ name, namespace }) => ({ name, namespace: namespace(environment) }));
  const found = await Promise.all(
    [...services, ...addons].map(async ({ name, namespace }) => {
      const records = await reader.revisionRecords(namespace, { name });
      return { key: `${namespace}/${name}`, records };
    }),
  );
  return new Map(found.flatMap(({ key, records }) => (records.length > 0 ? [[key, records]] : [])));
}

/** By the CLI that runs this update, which knows the backend. It shows no secret and takes no lock. */
async function exportState(): Promise<RecordedReleases> {
  const args = ["stack", "export", "--stack", pulumi.getStack(), "--non-interactive"];
  const options = { maxBuffer: 2 ** 30, env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" } };
  const { stdout } = await promisify(execFile)("pulumi", args, options);
  return recordedReleases(JSON.parse(stdout) as Exported);
}

/** Pure: what an exported stack says of Helm releases. */
export function recordedReleases({ deployment }: Exported): RecordedReleases {
  const { resources = [], pending_operations = [] } = deployment ?? {};
  const names = (found: Resource[]) =>
    new Set(
      found.filter(({ type }) => type === HELM_RELEASE).map(({ inputs }) => `${inputs?.namespace}/${inputs?.name}`),
    );
  const creating = pending_operations.filter(({ type }) => type === "creating").map(({ resource }) => resource);
  return { known: names(resources), creating: names(creating) };
}
