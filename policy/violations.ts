import type { KubernetesObject } from "@kubernetes/client-node";
import type { PolicyRule } from "../config/policy-rules.ts";
import type { DeclaredResource, Extent } from "./rule.ts";
import { RULES } from "./rules/index.ts";

export interface Violation {
  rule: PolicyRule;
  /** What breaks the rule, and what to do. */
  message: string;
}

/** What breaks a rule among the Kubernetes objects of a release. */
export function violationsOf(objects: readonly KubernetesObject[], extent: Extent = "release"): Violation[] {
  return RULES.flatMap(({ name, objects: judge }) =>
    (judge?.(objects, extent) ?? []).map((message) => ({ rule: name, message })),
  );
}

/** The Kubernetes object that a resource of the engine is. Undefined for a Helm release, a provider, and all that is no object. */
export function objectIn({ type, props }: Pick<DeclaredResource, "type" | "props">): KubernetesObject | undefined {
  if (!/^kubernetes:(?!helm\.sh\/|yaml:|kustomize)/.test(type)) return undefined;
  return typeof props.kind === "string" ? (props as KubernetesObject) : undefined;
}
