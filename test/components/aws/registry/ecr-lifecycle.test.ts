import { describe, expect, it } from "vitest";
import type { LifecycleRule } from "../../../../components/aws/registry/lifecycle-policy.ts";
import { expired, type Image } from "./ecr-lifecycle.ts";

describe("the evaluator of lifecycle policies", () => {
  /** https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html, filtering on multiple rules */
  const images: Image[] = [
    { digest: "A", tags: ["beta-1", "prod-1"], age: 10 },
    { digest: "B", tags: ["beta-2", "prod-2"], age: 9 },
    { digest: "C", tags: ["beta-3"], age: 8 },
  ];
  const rule = (rulePriority: number, pattern: string): LifecycleRule => ({
    rulePriority,
    description: pattern,
    selection: { tagStatus: "tagged", tagPatternList: [pattern], countType: "imageCountMoreThan", countNumber: 1 },
    action: { type: "expire" },
  });

  it("decides as AWS's own example does", () => {
    expect([...expired({ rules: [rule(1, "prod*"), rule(2, "beta*")] }, images)]).toEqual(["A"]);
  });

  it("lets a rule count what one of higher priority has claimed: why order alone does not tell services apart", () => {
    const pushes = [0, 1, 2].map((age) => ({ digest: `v2-${age}`, tags: [`api-v2-v1.0.${age}`], age }));
    const quiet = { digest: "quiet", tags: ["api-v1.0.0"], age: 5 };
    const rules = [rule(1, "api-v2-v*"), rule(2, "api-v*")];
    expect(expired({ rules }, [...pushes, quiet])).toContain("quiet");
  });
});
