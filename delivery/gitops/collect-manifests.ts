import { parse } from "yaml";
import type { Deploy } from "./deploy-commit.ts";
import type { Manifests } from "./manifests-repository.ts";
import type { RenderedManifests } from "./render-manifests.ts";

const VALUES = "values.yaml";
/** Keeps the folder of a removed service: without it, Argo CD would not sync, and the service would run on. */
export const REMOVED = "README.md";

/** What a deploy would make of the branch. */
export interface CollectedManifests {
  /** Releases in the branch before, by service. */
  releases: Map<string, string>;
  /** Services that the branch has, and the stack does not run any more. */
  removed: string[];
  /** Services that were not rendered. The branch keeps what it has of them. */
  missing: string[];
}

/** Collects the changes of a deploy: the folder of each service. Nothing is committed. */
export async function collectManifests(
  manifests: Manifests,
  {
    services,
    rendered,
    deploy,
  }: {
    services: readonly { name: string }[];
    rendered: RenderedManifests;
    deploy: Pick<Deploy, "release" | "stack">;
  },
): Promise<CollectedManifests> {
  const releases = await releasesIn(manifests);
  const missing: string[] = [];
  for (const { name } of services) {
    const files = rendered.filesOf(name);
    if (files.size === 0) missing.push(name);
    else manifests.replaceFolder(name, files);
  }
  const removed = [...releases.keys()].filter((name) => !services.some((service) => service.name === name));
  for (const name of removed) {
    const folder = (await manifestsFolderIn(manifests, name)) ?? "manifests";
    manifests.replaceFolder(name, new Map([[`${folder}/${REMOVED}`, removedText(name, deploy)]]));
  }
  return { releases, removed, missing };
}

/**
 * The folder of a service that Argo CD applies. Each time that Argo CD takes running services over, it has another name: see
 * components/gitops/handover.ts.
 *
 * @param commit @default - the branch's newest
 * @returns undefined if the service has none
 */
export async function manifestsFolderIn(
  manifests: Manifests,
  service: string,
  commit?: string,
): Promise<string | undefined> {
  const files = await manifests.files(service, commit);
  return files.flatMap((file) => /^[^/]+\/(manifests[^/]*)\//.exec(file)?.[1] ?? [])[0];
}

/** Releases in the branch, by service. */
async function releasesIn(manifests: Manifests): Promise<Map<string, string>> {
  const files = (await manifests.files()).filter((file) => /^[^/]+\/values\.yaml$/.test(file));
  const releases = await Promise.all(
    files.map(async (file): Promise<[string, string]> => {
      const values = parse((await manifests.read(file)) ?? "") as { release?: unknown } | null;
      return [file.slice(0, -VALUES.length - 1), String(values?.release ?? "")];
    }),
  );
  return new Map(releases);
}

function removedText(name: string, { release, stack }: Pick<Deploy, "release" | "stack">): string {
  return `# ${name}\n\nThe deploy of ${release} to ${stack} removed this service. Once no Application reads this folder, it can go.\n`;
}
