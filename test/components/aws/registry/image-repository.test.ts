import { beforeAll, describe, expect, it, vi } from "vitest";
import { ImageRepository, type ImageRepositoryArgs } from "../../../../components/aws/registry/image-repository.ts";
import { lifecyclePolicy } from "../../../../components/aws/registry/lifecycle-policy.ts";
import { registryOf } from "../../../config/settings.ts";
import { type Declarations, declareAll } from "../declared.ts";

const REPOSITORY = "aws:ecr/repository:Repository";
const LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy";
const POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy";
const KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/1";

function declare(args: Partial<ImageRepositoryArgs> = {}): Promise<Declarations> {
  return declareAll((opts) => {
    new ImageRepository(
      "shop",
      {
        config: registryOf(),
        services: ["api", "web"],
        kmsKeyArn: KEY,
        protect: "data",
        ...args,
      },
      opts,
    );
  });
}

describe("ImageRepository", () => {
  let declared: Declarations;
  beforeAll(async () => {
    declared = await declare();
  });

  it("has immutable tags except for deployed images, scans on push, and is encrypted by the environment's KMS key", () => {
    expect(declared.one(REPOSITORY, "shop").inputs).toEqual({
      name: "shop",
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filter: "deployed.*", filterType: "WILDCARD" }],
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: KEY }],
      forceDelete: false,
    });
  });

  it("deletes its lifecycle policy before it creates a changed one", () => {
    const { inputs, opts } = declared.one(LIFECYCLE, "shop");
    expect(inputs.repository).toBe("shop");
    expect(JSON.parse(String(inputs.policy))).toEqual(lifecyclePolicy({ services: ["api", "web"], keepReleases: 30 }));
    expect(opts.deleteBeforeReplace).toBe(true);
  });

  it("keeps as many releases as the config says", async () => {
    const config = registryOf({ keepReleases: 12 });
    const { inputs } = (await declare({ config })).one(LIFECYCLE);
    expect(JSON.parse(String(inputs.policy))).toEqual(lifecyclePolicy({ services: ["api", "web"], keepReleases: 12 }));
  });

  it("has no repository policy without readers", () => {
    expect(declared.all.filter(({ type }) => type === POLICY)).toEqual([]);
  });

  it("is protected, or deleted with all its images", async () => {
    expect(declared.one(REPOSITORY).opts.protect).toBe(true);
    const { inputs, opts } = (await declare({ protect: "none" })).one(REPOSITORY);
    expect(opts.protect).toBe(false);
    expect(inputs.forceDelete).toBe(true);
  });
});

describe("the policy for readers", () => {
  let statements: Record<string, unknown>[];
  const roots = ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"];
  beforeAll(async () => {
    const config = registryOf({ readers: ["222222222222", "333333333333"] });
    const { inputs } = (await declare({ config })).one(POLICY, "shop");
    expect(inputs.repository).toBe("shop");
    statements = JSON.parse(String(inputs.policy)).Statement;
  });

  it("allows pulling", () => {
    expect(statements[0]).toEqual({
      Sid: "Pull",
      Effect: "Allow",
      Principal: { AWS: roots },
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    });
  });

  it("allows only their deploy roles to tag images, and nobody to push any", () => {
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

describe("services beyond ECR's limit of rules", () => {
  it("are named in a warning", async () => {
    const pulumi = await import("@pulumi/pulumi");
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const services = Array.from({ length: 49 }, (_, index) => `service-${String(index).padStart(2, "0")}`);
    await declare({ services });
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toMatch(/^registry\.keepReleases: ECR allows 50 rules.* service-48\. All .* kept/);
    warn.mockRestore();
  });
});
