import type { Application } from "./applications.ts";
import type { Draft } from "./draft.ts";
import type { Fields } from "./fields.ts";
import type { Findings } from "./findings.ts";
import type { NamedObjects } from "./named-objects.ts";

export interface ImportSettings {
  /** Folder that the image of a service is built from, by the service's name. */
  builds: Record<string, string>;
  /** Namespace of the ingress controller that serves the hosts today. Undefined: another one will. */
  ingressNamespace: string | undefined;
  /** Digest of an image that is named by its tag, or why it is not known, by the image's reference. */
  digests: ReadonlyMap<string, { digest: string } | { reason: string }>;
}

/** What the parts of a service are read with. */
export interface Context {
  application: Application;
  draft: Draft;
  findings: Findings;
  objects: NamedObjects;
  settings: ImportSettings;
  /** Parts of the pod template that have no field. */
  patch: PodPatchParts;
}

export interface PodPatchParts {
  labels: Record<string, unknown>;
  spec: Record<string, unknown>;
  /** Of the service's own container. */
  container: Record<string, unknown>;
}

/** Carries the value of a field over as it is. */
export function carry(context: Context, from: Fields, path: readonly string[], to: readonly string[]): void {
  const value = from.take(...path);
  context.draft.put(to, value, from.place(...path));
}
