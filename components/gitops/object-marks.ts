import type { KubernetesObject } from "@kubernetes/client-node";
import { rolloutGate } from "../../config/naming.ts";
import type { ObjectReference } from "../cluster/live-objects.ts";

/** What kubectl and Argo CD applied last. A field that it has and the next manifest has not is removed from the object. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
/** By it Argo CD knows the objects of an Application: https://argo-cd.readthedocs.io/en/release-3.2/user-guide/resource_tracking/ */
export const TRACKING = "argocd.argoproj.io/tracking-id";
/** By these Helm knows the objects of a release: https://helm.sh/docs/topics/charts_tips_and_tricks/ */
export const MANAGED_BY = "app.kubernetes.io/managed-by";
export const RELEASE_NAME = "meta.helm.sh/release-name";
export const RELEASE_NAMESPACE = "meta.helm.sh/release-namespace";

export function referenceOf(
  { apiVersion = "", kind = "", metadata }: KubernetesObject,
  namespace: string,
): ObjectReference {
  return { apiVersion, kind, metadata: { name: metadata?.name ?? "", namespace: metadata?.namespace ?? namespace } };
}

export function keyOf({ apiVersion, kind, metadata }: ObjectReference): string {
  return `${apiVersion.replace(/\/.*/, "/")}${kind}/${metadata.namespace}/${metadata.name}`;
}

export function trackingId(application: string, { apiVersion, kind, metadata }: ObjectReference): string {
  const [group = ""] = apiVersion.includes("/") ? apiVersion.split("/") : [];
  return `${application}:${group}/${kind}:${metadata.namespace}/${metadata.name}`;
}

/** Objects of Helm's wait. The repository never has them, and Argo CD may not delete Jobs. */
export function isGate({ kind, metadata }: KubernetesObject, service: string): boolean {
  return (
    (kind === "Service" && metadata?.name === rolloutGate(service)) ||
    metadata?.labels?.["app.kubernetes.io/component"] === "rollout-gate"
  );
}

/** ConfigMaps are in the repository, and objects of the program where Helm rolls out. */
export function isData({ kind }: { kind?: string }): boolean {
  return kind === "ConfigMap" || kind === "Secret";
}
