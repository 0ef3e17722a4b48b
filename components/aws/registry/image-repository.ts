import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DEPLOYED_TAGS, type RegistryConfig } from "../../../config/index.ts";
import { DELIVERY_PATH } from "../access/deploy-policies.ts";
import { policyJson } from "../access/iam-policy.ts";
import { lifecyclePolicy, MAX_RULES, servicesWithoutRule } from "./lifecycle-policy.ts";

export interface ImageRepositoryArgs {
  config: RegistryConfig;
  /** Every service whose images the repository may hold, including those that only other environments run. */
  services: readonly string[];
  /** KMS key of the environment that owns it. */
  kmsKeyArn: pulumi.Input<string>;
  /** data: neither an update nor a destroy deletes it. none: it is deleted with all images. */
  protect: "data" | "none";
}

/** The ECR repository of all services and environments. Its owner's stack declares it, the others refer to it. */
export class ImageRepository extends pulumi.ComponentResource {
  constructor(name: string, args: ImageRepositoryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:ImageRepository", name, {}, opts);
    const { readers } = args.config;

    const repository = this.createRepository(name, args);
    this.expireImages(name, repository, args);
    if (readers.length > 0) this.allowPulling(name, repository, readers);

    this.registerOutputs({});
  }

  private createRepository(name: string, { config, kmsKeyArn, protect }: ImageRepositoryArgs): aws.ecr.Repository {
    return new aws.ecr.Repository(
      name,
      {
        name: config.repository,
        // A release's tag never moves. Only the tags that mark deployed images do.
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filter: DEPLOYED_TAGS, filterType: "WILDCARD" }],
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: kmsKeyArn }],
        forceDelete: protect === "none",
      },
      { parent: this, protect: protect === "data" },
    );
  }

  private expireImages(name: string, repository: aws.ecr.Repository, { config, services }: ImageRepositoryArgs): void {
    const withoutRule = servicesWithoutRule(services);
    if (withoutRule.length > 0) {
      pulumi.log.warn(
        `registry.keepReleases: ECR allows ${MAX_RULES} rules, so none is left for ${withoutRule.join(", ")}. ` +
          "All images of these services are kept. Delete the ones you no longer need: aws ecr batch-delete-image.",
        this,
      );
    }
    new aws.ecr.LifecyclePolicy(
      name,
      {
        repository: repository.name,
        policy: pulumi.jsonStringify(lifecyclePolicy({ services, keepReleases: config.keepReleases })),
      },
      // A changed policy replaces the resource, and a repository has only one: deleting the old one last would delete the new.
      { parent: this, deleteBeforeReplace: true },
    );
  }

  /** To the accounts; the IAM policies of each account say which of its roles pull. */
  private allowPulling(name: string, repository: aws.ecr.Repository, accountIds: readonly string[]): void {
    const Principal = { AWS: accountIds.map((id) => `arn:aws:iam::${id}:root`) };
    new aws.ecr.RepositoryPolicy(
      name,
      {
        repository: repository.name,
        policy: policyJson(
          {
            Sid: "Pull",
            Effect: "Allow",
            Principal,
            Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
          },
          {
            // Only another tag for an existing image: pushing a new one needs the permission to upload layers.
            Sid: "MarkDeployed",
            Effect: "Allow",
            Principal,
            Action: "ecr:PutImage",
            Condition: {
              ArnLike: { "aws:PrincipalArn": accountIds.map((id) => `arn:aws:iam::${id}:role${DELIVERY_PATH}*`) },
            },
          },
        ),
      },
      { parent: this },
    );
  }
}
