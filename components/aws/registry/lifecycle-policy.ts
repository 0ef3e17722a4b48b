import { DEPLOYED_TAGS } from "../../../config/index.ts";

/** Which images ECR deletes: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html */
export interface LifecyclePolicy {
  rules: LifecycleRule[];
}

export interface LifecycleRule {
  /** Unique; 1 is evaluated first. */
  rulePriority: number;
  description: string;
  selection:
    | { tagStatus: "tagged"; tagPatternList: [string]; countType: "imageCountMoreThan"; countNumber: number }
    | { tagStatus: "untagged"; countType: "sinceImagePushed"; countUnit: "days"; countNumber: number };
  action: { type: "expire" };
}

export interface LifecyclePolicyArgs {
  /** Every service whose images the repository may hold, including those that only some environments run. */
  services: readonly string[];
  /** Number of newest images kept of each service. */
  keepReleases: number;
}

const UNTAGGED_DAYS = 7;
/** More than all environments together can run, so that no image with a deployed tag expires. */
const KEEP_ALL = 9999;
/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html; AWS does not raise it. */
export const MAX_RULES = 50;
/** Without the rule for deployed images and the one for untagged images. */
const MAX_SERVICE_RULES = MAX_RULES - 2;
const DIGITS = [..."0123456789"];

/**
 * Keeps the newest images of every service and all images that an environment runs, however old; expires the rest.
 *
 * ECR counts pushed images and does not know which ones run: an environment may stay on a release while many newer ones are
 * pushed. So each environment tags the images that it runs (`deployedTag` in config/naming.ts). An image that the first rule
 * selects cannot be expired by another: https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 *
 * Images that no rule selects never expire: tags other than `<service>-v<digit>…`, and {@link servicesWithoutRule}.
 */
export function lifecyclePolicy({ services, keepReleases }: LifecyclePolicyArgs): LifecyclePolicy {
  const { withRules } = planRules(services);
  const rules: Omit<LifecycleRule, "rulePriority">[] = [
    keepNewest(DEPLOYED_TAGS, KEEP_ALL, "Keep what environments run"),
    ...withRules.flatMap(({ service, patterns }) =>
      patterns.map((pattern) => keepNewest(pattern, keepReleases, `Keep the newest ${keepReleases} of ${service}`)),
    ),
    {
      description: `Expire what has had no tag for ${UNTAGGED_DAYS} days`,
      selection: {
        tagStatus: "untagged",
        countType: "sinceImagePushed",
        countUnit: "days",
        countNumber: UNTAGGED_DAYS,
      },
      action: { type: "expire" },
    },
  ];
  return { rules: rules.map((rule, index) => ({ rulePriority: index + 1, ...rule })) };
}

/**
 * Services for which ECR's 50 rules do not suffice. All their images are kept: one rule for two services could expire the last
 * releases of the one that is pushed less often.
 */
export function servicesWithoutRule(services: readonly string[]): string[] {
  return planRules(services).withoutRule;
}

function keepNewest(pattern: string, countNumber: number, description: string): Omit<LifecycleRule, "rulePriority"> {
  return {
    description,
    selection: { tagStatus: "tagged", tagPatternList: [pattern], countType: "imageCountMoreThan", countNumber },
    action: { type: "expire" },
  };
}

interface RulePlan {
  withRules: { service: string; patterns: string[] }[];
  withoutRule: string[];
}

/** Assigns rules to as many services as possible: those that need one rule first, then by name. */
function planRules(services: readonly string[]): RulePlan {
  const all = [...new Set(services)].sort();
  const candidates = all
    .map((service) => ({ service, patterns: patternsOf(service, all) }))
    .sort((one, other) => one.patterns.length - other.patterns.length);
  const plan: RulePlan = { withRules: [], withoutRule: [] };
  let rulesLeft = MAX_SERVICE_RULES;
  for (const candidate of candidates) {
    if (candidate.patterns.length > rulesLeft) {
      plan.withoutRule.push(candidate.service);
      continue;
    }
    plan.withRules.push(candidate);
    rulesLeft -= candidate.patterns.length;
  }
  return plan;
}

/**
 * Patterns that select the releases of this service and of no other.
 *
 * `api-v*` would also select `api-v2-v1.0.0` and `api-vault-v1.0.0`. A higher priority for the rules of those services would
 * not help: a rule counts what a higher one has selected as well, so many releases of api-v2 would expire those of api. So next
 * to such a service, this one gets a rule for each first digit of its major version. If the other's name continues with that
 * digit, a dot must follow, which no service name has. Each rule keeps the newest images it selects, so the newest of all are
 * kept.
 */
function patternsOf(service: string, all: readonly string[]): string[] {
  const start = `${service}-v`;
  const otherEndings = all.filter((other) => other.startsWith(start)).map((other) => other.slice(start.length));
  if (otherEndings.length === 0) return [`${start}*`];
  return DIGITS.map((digit) =>
    otherEndings.some((ending) => ending.startsWith(digit)) ? `${start}${digit}.*` : `${start}${digit}*`,
  );
}
