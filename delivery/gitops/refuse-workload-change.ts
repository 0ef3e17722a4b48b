import { Failure } from "../failure.ts";
import { manifestsFolderIn } from "./collect-manifests.ts";
import type { Manifests } from "./manifests-repository.ts";
import type { RenderedManifests } from "./render-manifests.ts";

/** What runs a service's pods all the time, by the beginning of its file's name. */
const WORKLOADS: Record<string, string> = { deployment: "Deployment", statefulset: "StatefulSet", rollout: "Rollout" };

/**
 * A service keeps the kind of its workload. Argo CD creates the new one and deletes the other in the same moment, before the new pods are
 * ready. From a Rollout it would also leave the hash of its pods in the Services' selectors: no pod of a Deployment ever has that.
 *
 * @throws Failure that names each service; nothing was changed.
 */
export async function refuseWorkloadChange(
  manifests: Manifests,
  services: readonly { name: string }[],
  rendered: RenderedManifests,
): Promise<void> {
  const faults: string[] = [];
  for (const { name } of services) {
    // Another folder is of an earlier time with Argo CD: Helm may have changed the kind since.
    const folder = await manifestsFolderIn(manifests, name);
    const before = workloadIn(await manifests.files(`${name}/${folder}`), `${name}/${folder}/`, name);
    const after = workloadIn([...rendered.filesOf(name).keys()], `${folder}/`, name);
    if (before === undefined || after === undefined || before === after) continue;
    faults.push(
      `  - ${name} runs as a ${before}, and would be a ${after}: Argo CD deletes the ${before} before the new pods are ready`,
    );
  }
  if (faults.length === 0) return;
  throw new Failure(
    [
      "A service cannot change its kind, or its strategy from or to blueGreen and canary, with delivery.mode: gitops. Nothing was changed.",
      ...faults,
      "Set it back, or add a service of another name, move the hosts to it, and remove the first one: docs/runbooks/change-kind.md.",
    ].join("\n"),
  );
}

function workloadIn(files: readonly string[], folder: string, service: string): string | undefined {
  const kind = Object.keys(WORKLOADS).find((it) => files.includes(`${folder}${it}-${service}.yaml`));
  return kind && WORKLOADS[kind];
}
