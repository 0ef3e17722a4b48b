import { DEPLOYED_TAGS } from "../../../config/index.ts";

/** What ECR is told to delete: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html */
export interface LifecyclePolicy {
  rules: LifecycleRule[];
}

export interface LifecycleRule {
  /** 1 comes first. No two rules share one. */
  rulePriority: number;
  description: string;
  selection:
    | { tagStatus: "tagged"; tagPatternList: [string]; countType: "imageCountMoreThan"; countNumber: number }
    | { tagStatus: "untagged"; countType: "sinceImagePushed"; countUnit: "days"; countNumber: number };
  action: { type: "expire" };
}

export interface LifecyclePolicyArgs {
  /** Every service whose images the repository may hold, those included that only some environments run. */
  services: readonly string[];
  /** Newest images kept of each service, 10 at least. */
  keepReleases: number;
}

/** Fewer would take away what a team may want to roll back to. */
const LEAST_KEPT = 10;
const UNTAGGED_DAYS = 7;
/** More than all environments can run together: what bears a deployed tag is not counted out. */
const ALL = 9999;
/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html; AWS does not raise it. */
const MOST_RULES = 50;
/** One for what is deployed, one for what has no tag. */
const RULES_OF_SERVICES = MOST_RULES - 2;
const DIGITS = [..."0123456789"];

/**
 * Keeps the newest images of every service and, however old, what the environments run; expires the rest.
 *
 * ECR counts what was pushed and cannot know what runs: an environment may stay on a release while many newer ones are
 * pushed. So the environments say it themselves, by config/naming.ts. An image that the first rule selects is out of
 * reach of all others: https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 *
 * What no rule selects stays for ever: tags that are not `<service>-v<digit>…`, and {@link servicesKeptWhole}.
 *
 * @throws RangeError if `keepReleases` is below 10.
 */
export function lifecyclePolicy({ services, keepReleases }: LifecyclePolicyArgs): LifecyclePolicy {
  if (!Number.isInteger(keepReleases) || keepReleases < LEAST_KEPT) {
    throw new RangeError(
      `registry.keepReleases: ${keepReleases} given; takes a whole number from ${LEAST_KEPT} on, so that there is something ` +
        "to roll back to. Raise it.",
    );
  }
  const { counted } = planRules(services);
  const rules: Omit<LifecycleRule, "rulePriority">[] = [
    keepNewest(DEPLOYED_TAGS, ALL, "Keep what environments run"),
    ...counted.flatMap(({ service, patterns }) =>
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
 * Services for which ECR's 50 rules have no room. One rule cannot count two services apart, so rather than risk the last
 * releases of a quiet one, all images of these are kept.
 */
export function servicesKeptWhole(services: readonly string[]): string[] {
  return planRules(services).keptWhole;
}

function keepNewest(pattern: string, countNumber: number, description: string): Omit<LifecycleRule, "rulePriority"> {
  return {
    description,
    selection: { tagStatus: "tagged", tagPatternList: [pattern], countType: "imageCountMoreThan", countNumber },
    action: { type: "expire" },
  };
}

interface RulePlan {
  counted: { service: string; patterns: string[] }[];
  keptWhole: string[];
}

/** As many services as there is room for: those that take one rule first, then by name. */
function planRules(services: readonly string[]): RulePlan {
  const all = [...new Set(services)].sort();
  const wanted = all
    .map((service) => ({ service, patterns: patternsOf(service, all) }))
    .sort((one, other) => one.patterns.length - other.patterns.length);
  const plan: RulePlan = { counted: [], keptWhole: [] };
  let room = RULES_OF_SERVICES;
  for (const want of wanted) {
    if (want.patterns.length > room) {
      plan.keptWhole.push(want.service);
      continue;
    }
    plan.counted.push(want);
    room -= want.patterns.length;
  }
  return plan;
}

/**
 * Patterns that select releases of this service and of no other.
 *
 * `api-v*` would select `api-v2-v1.0.0`, and `api-vault-v1.0.0`, too. Giving those rules a higher priority is not enough:
 * a rule counts what a higher one has selected as well, so many releases of api-v2 would push those of api out. With such
 * a neighbour the service gets a rule for each first digit of its major version instead. Where even that is how the
 * neighbour's name goes on, a dot must follow, which no name has. Each rule keeps the newest of its part, hence the newest
 * of the whole.
 */
function patternsOf(service: string, all: readonly string[]): string[] {
  const start = `${service}-v`;
  const neighbours = all.filter((other) => other.startsWith(start)).map((other) => other.slice(start.length));
  if (neighbours.length === 0) return [`${start}*`];
  return DIGITS.map((digit) =>
    neighbours.some((rest) => rest.startsWith(digit)) ? `${start}${digit}.*` : `${start}${digit}*`,
  );
}
