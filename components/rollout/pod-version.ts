import type { V1PodTemplateSpec } from "@kubernetes/client-node";
import { TEMPLATE_HASH } from "./argo-rollout.ts";

const VERSION = "app.kubernetes.io/version";

/** What of a pod template changes with a release alone. */
export interface PodVersion {
  /** `repository@sha256:…` */
  image: string;
  /** Variable RELEASE. */
  release: string;
}

/** @param service name of the service and of its container */
export function versionOf(template: V1PodTemplateSpec, service: string): PodVersion {
  const container = template.spec?.containers.find(({ name }) => name === service);
  const release = container?.env?.find(({ name }) => name === "RELEASE")?.value;
  return { image: container?.image ?? "", release: release ?? "" };
}

/** @param values of charts/service */
export function versionIn({ image, release, podVersion }: Record<string, unknown>): PodVersion {
  return { image: String(image), release: String(podVersion || release) };
}

export function isSameVersion(one: PodVersion, other: PodVersion): boolean {
  return one.image === other.image && one.release === other.release;
}

/** A pod template with the version of another, which is of the same service. */
export function withVersionOf(
  template: V1PodTemplateSpec,
  other: V1PodTemplateSpec,
  service: string,
): V1PodTemplateSpec {
  const { image, release } = versionOf(other, service);
  const changed = structuredClone(template);
  const label = other.metadata?.labels?.[VERSION];
  if (changed.metadata?.labels && label !== undefined) changed.metadata.labels[VERSION] = label;
  for (const container of changed.spec?.containers ?? []) {
    if (container.name !== service) continue;
    container.image = image;
    for (const variable of container.env ?? []) if (variable.name === "RELEASE") variable.value = release;
  }
  return changed;
}

/** A pod template without what a release alone changes, and without what the controller adds: as JSON, keys in order. */
export function withoutVersion(template: V1PodTemplateSpec, service: string): string {
  const { metadata, spec } = template;
  const { [VERSION]: _, [TEMPLATE_HASH]: __, ...labels } = metadata?.labels ?? {};
  const containers = spec?.containers.map((container) => {
    if (container.name !== service) return container;
    const env = container.env?.map((variable) => (variable.name === "RELEASE" ? { name: "RELEASE" } : variable));
    return { ...container, image: "", env };
  });
  const { annotations } = metadata ?? {};
  return inOrder({ metadata: { labels, annotations: annotations ?? {} }, spec: { ...spec, containers } });
}

/** JSON whose text does not depend on the order of keys. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, found: unknown) =>
    typeof found === "object" && found !== null && !Array.isArray(found)
      ? Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
      : found,
  );
}
