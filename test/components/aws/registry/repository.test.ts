import { beforeAll, describe, expect, it, vi } from "vitest";
import { lifecyclePolicy } from "../../../../components/aws/registry/lifecycle-policy.ts";
import { ImageRepository, type ImageRepositoryArgs } from "../../../../components/aws/registry/repository.ts";
import { registryOf } from "../../../config/settings.ts";
import { type Mocked, mockAws, one } from "../mocked-aws.ts";

const REPOSITORY = "aws:ecr/repository:Repository";
const LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy";
const POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy";
const KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/1";

function declare(args: Partial<ImageRepositoryArgs> = {}): Promise<Mocked[]> {
  return mockAws({}, (opts) => {
    new ImageRepository(
      "shop",
      {
        config: registryOf(),
        services: ["api", "web"],
        keyArn: KEY,
        protect: "data",
        ...args,
      },
      opts,
    );
  });
}

describe("the repository of all images", () => {
  let declared: Mocked[];
  beforeAll(async () => {
    declared = await declare();
  });

  it("has immutable tags but for the marks of what is deployed, scans on push, and is encrypted by the environment's key", () => {
    expect(one(declared, REPOSITORY, "shop").inputs).toEqual({
      name: "shop",
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filter: "deployed.*", filterType: "WILDCARD" }],
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: KEY }],
      forceDelete: false,
    });
  });

  it("expires images by the lifecycle policy, which is taken away before another is set", () => {
    const { inputs, opts } = one(declared, LIFECYCLE, "shop");
    expect(inputs.repository).toBe("shop");
    expect(JSON.parse(String(inputs.policy))).toEqual(lifecyclePolicy({ services: ["api", "web"], keepReleases: 30 }));
    expect(opts.deleteBeforeReplace).toBe(true);
  });

  it("keeps as many releases as the config says", async () => {
    const config = registryOf({ keepReleases: 12 });
    const { inputs } = one(await declare({ config }), LIFECYCLE);
    expect(JSON.parse(String(inputs.policy))).toEqual(lifecyclePolicy({ services: ["api", "web"], keepReleases: 12 }));
  });

  it("lets no other account in", () => {
    expect(declared.filter(({ type }) => type === POLICY)).toEqual([]);
  });

  it("is protected, or goes with all images", async () => {
    expect(one(declared, REPOSITORY).opts.protect).toBe(true);
    const { inputs, opts } = one(await declare({ protect: "none" }), REPOSITORY);
    expect(opts.protect).toBe(false);
    expect(inputs.forceDelete).toBe(true);
  });
});

describe("readers", () => {
  let statements: Record<string, unknown>[];
  const roots = ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"];
  beforeAll(async () => {
    const config = registryOf({ readers: ["222222222222", "333333333333"] });
    const { inputs } = one(await declare({ config }), POLICY, "shop");
    expect(inputs.repository).toBe("shop");
    statements = JSON.parse(String(inputs.policy)).Statement;
  });

  it("pull", () => {
    expect(statements[0]).toEqual({
      Sid: "Pull",
      Effect: "Allow",
      Principal: { AWS: roots },
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    });
  });

  it("mark what they run, as their deploy roles only, and push nothing", () => {
    expect(statements.slice(1)).toEqual([
      {
        Sid: "MarkDeployed",
        Effect: "Allow",
        Principal: { AWS: roots },
        Action: "ecr:PutImage",
        Condition: {
          ArnLike: {
            "aws:PrincipalArn": [
              "arn:aws:iam::222222222222:role/slipway-delivery/*",
              "arn:aws:iam::333333333333:role/slipway-delivery/*",
            ],
          },
        },
      },
    ]);
  });
});

describe("more services than ECR has rules for", () => {
  it("are named in a warning", async () => {
    const pulumi = await import("@pulumi/pulumi");
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const services = Array.from({ length: 49 }, (_, index) => `service-${String(index).padStart(2, "0")}`);
    await declare({ services });
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toMatch(/^registry\.keepReleases: ECR takes 50 rules .*: service-48\. All .* kept/);
    warn.mockRestore();
  });
});
