/** Rules of policy/, one file each in policy/rules/. */
export const POLICY_RULES = [
  "disruption-budget",
  "encryption",
  "iam-wildcards",
  "image-digest",
  "imdsv2",
  "immutable-tags",
  "plaintext-secrets",
  "pod-security",
  "probes",
  "protected-data",
  "public-endpoints",
  "replicas",
  "resources",
  "spread",
] as const;

export type PolicyRule = (typeof POLICY_RULES)[number];

/** - mandatory: what breaks a rule is refused. advisory: it is reported. */
export type Enforcement = "mandatory" | "advisory";

/** One resource or service that may break a rule. */
export interface PolicyException {
  rule: PolicyRule;
  /** The service's name, or that of the resource: the last part of its URN. */
  name: string;
  reason: string;
}

/** Rules about what an environment must not lose. One that may be destroyed at any time (`protect: none`) has nothing to lose. */
const OF_WHAT_LASTS: readonly PolicyRule[] = ["disruption-budget", "protected-data", "replicas"];

/** How an environment is held to the rules. */
export interface Policies {
  enforcement: Enforcement;
  /** Rules that do not apply to it. */
  disabled: readonly PolicyRule[];
  exceptions: readonly PolicyException[];
  /** Services that one update may remove together: see components/refuse-deletions.ts. */
  allowDelete: readonly string[];
}

/** What an environment says about its policies, as far as it does. */
export interface PolicySettings {
  protect?: "data" | "none" | undefined;
  policies?: { [Field in "enforcement" | "exceptions" | "allowDelete"]?: Policies[Field] | undefined } | undefined;
}

/** The one place that decides. An environment that keeps its data is held to the rules; one that may be destroyed at any time is only told. */
export function resolvePolicies({ protect = "data", policies = {} }: PolicySettings): Policies {
  const { enforcement = protect === "data" ? "mandatory" : "advisory", exceptions = [], allowDelete = [] } = policies;
  return { enforcement, disabled: protect === "data" ? [] : OF_WHAT_LASTS, exceptions, allowDelete };
}

/**
 * The policies for an update. A rollback or restart brings back what ran already: in an incident nobody is kept from it.
 *
 * @param action of the delivery command, undefined for the plain Pulumi CLI
 */
export function policiesFor(policies: Policies, action: string | undefined): Policies {
  const isRecovery = action === "rollback" || action === "restart";
  return isRecovery ? { ...policies, enforcement: "advisory" } : policies;
}

/** Whether a rule is applied to a service or resource. */
export function applies({ disabled, exceptions }: Policies, rule: PolicyRule, name: string): boolean {
  return (
    !disabled.includes(rule) && !exceptions.some((exception) => exception.rule === rule && exception.name === name)
  );
}
