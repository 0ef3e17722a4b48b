import type { KubernetesObject } from "@kubernetes/client-node";
import type { PolicyRule } from "../config/policy-rules.ts";

/** A resource as the engine is about to create or update it. */
export interface DeclaredResource {
  /** Such as `aws:ecr/repository:Repository`. */
  type: string;
  name: string;
  /** Its inputs. In a preview, whoever reads one that is not known yet throws. */
  props: Record<string, unknown>;
  /** Whether the engine refuses to delete or replace it. */
  protect: boolean;
}

/** One invariant. It returns a line for each thing that breaks it: what, and what to do. */
export interface Rule {
  name: PolicyRule;
  /** The invariant, in one sentence. */
  description: string;
  /** Judges a resource of the engine, other than a Kubernetes object. */
  resource?: (resource: DeclaredResource) => string[];
  /** Judges Kubernetes objects: all of a service's Helm release, or one that the program itself declares. */
  objects?: (objects: readonly KubernetesObject[], extent: Extent) => string[];
}

/** - release: all objects of a release. one: what belongs to the object is elsewhere and not known. */
export type Extent = "release" | "one";
