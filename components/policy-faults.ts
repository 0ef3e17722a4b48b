import type { KubernetesObject } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import type { Environment, Fault, Service } from "../config/index.ts";
import { applies, policiesFor } from "../config/policy-rules.ts";
import { violationsOf } from "../policy/violations.ts";

export interface PolicyReview {
  /** What the environment does not allow. */
  faults: Fault[];
  /** Nothing breaks a rule, whether it would be refused for it or not. */
  isClean: boolean;
}

/**
 * Judges the objects of a service by the rules of policy/. The pack that the engine runs sees a Helm release by its values alone: see
 * docs/decisions/policy.md. What is advisory is printed as a warning.
 */
export async function reviewPolicies(
  environment: Pick<Environment, "policies">,
  { name, config, fileTexts }: Pick<Service, "name" | "config" | "fileTexts">,
  rendered: readonly KubernetesObject[],
): Promise<PolicyReview> {
  const policies = policiesFor(environment.policies, process.env.SLIPWAY_ACTION);
  const objects = [...rendered, configMap("config", config), configMap("files", fileTexts)];
  const violations = violationsOf(objects).filter(({ rule }) => applies(policies, rule, name));
  const messages = violations.map(({ rule, message }) => `breaks the policy ${rule}: ${message}`);
  if (policies.enforcement === "mandatory") {
    const faults = messages.map((message) => ({ path: ["services", name], message, hideValue: true }));
    return { faults, isClean: faults.length === 0 };
  }
  for (const message of messages) await pulumi.log.warn(`${name} ${message}`);
  return { faults: [], isClean: messages.length === 0 };
}

/** The service's own ConfigMap, which is no part of its Helm release. */
function configMap(name: string, data: Record<string, string>): KubernetesObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data } as KubernetesObject;
}
