import { describe, expect, it } from "vitest";
import type { LifecycleRule } from "../../../../components/aws/registry/lifecycle-policy.ts";
import { expired, type Image } from "./ecr-lifecycle.ts";

describe("expired", () => {
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

  it("agrees with AWS's example", () => {
    expect([...expired({ rules: [rule(1, "prod*"), rule(2, "beta*")] }, images)]).toEqual(["A"]);
  });

  it("counts images that a rule of higher priority has selected, so priorities alone cannot separate services", () => {
    const pushes = [0, 1, 2].map((age) => ({ digest: `v2-${age}`, tags: [`api-v2-v1.0.${age}`], age }));
    const quiet = { digest: "quiet", tags: ["api-v1.0.0"], age: 5 };
    const rules = [rule(1, "api-v2-v*"), rule(2, "api-v*")];
    expect(expired({ rules }, [...pushes, quiet])).toContain("quiet");
  });
});
