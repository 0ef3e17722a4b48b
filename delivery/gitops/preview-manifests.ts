import type { GitOpsConfig } from "../../config/environment.ts";
import type { ServiceOutcome } from "../service-outcome.ts";
import { collectManifests } from "./collect-manifests.ts";
import { withManifests } from "./manifests-repository.ts";
import { refuseWorkloadChange } from "./refuse-workload-change.ts";
import type { RenderedManifests } from "./render-manifests.ts";

/** What a deploy would commit. */
export interface ManifestsPreview {
  branch: string;
  /** Services whose manifests change. */
  services: ServiceOutcome[];
  /** Services whose image has to be built first: what they change is known after that. */
  unknown: string[];
  /** A unified diff. Empty if nothing changes. */
  diff: string;
}

/**
 * Compares what the program has rendered with the manifests repository.
 *
 * @throws Failure if the repository cannot be read, or if the deploy would be refused.
 */
export function previewManifests(
  source: GitOpsConfig,
  {
    stack,
    release,
    services,
    rendered,
  }: {
    stack: string;
    release: string;
    services: readonly { name: string; release: string }[];
    rendered: RenderedManifests;
  },
): Promise<ManifestsPreview> {
  return withManifests(source, async (manifests) => {
    const collected = await collectManifests(manifests, { services, rendered, deploy: { stack, release } });
    await refuseWorkloadChange(manifests, services, rendered);
    const diff = await manifests.diff();
    const { releases, removed, missing } = collected;
    const prefix = source.path === "" ? "" : `${source.path}/`;
    const changes = (name: string) =>
      diff.includes(`\ndiff --git a/${prefix}${name}/`) || diff.startsWith(`diff --git a/${prefix}${name}/`);
    const outcomes = [
      ...services.map(({ name, release: to }) => ({ name, from: releases.get(name), to })),
      ...removed.map((name) => ({ name, from: releases.get(name), to: undefined })),
    ];
    return {
      branch: source.branch,
      services: outcomes
        .filter(({ name }) => changes(name))
        .map(({ name, from, to }) => ({ name, ...(from && { from }), ...(to && { to }) })),
      unknown: missing,
      diff,
    };
  });
}
