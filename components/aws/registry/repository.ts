import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DEPLOYED_TAGS, type RegistryConfig } from "../../../config/index.ts";
import { DELIVERY_PATH } from "../access/deploy-policy.ts";
import { lifecyclePolicy, servicesKeptWhole } from "./lifecycle-policy.ts";

export interface ImageRepositoryArgs {
  config: RegistryConfig;
  /** Every service whose images it may hold, those included that only other environments run. */
  services: readonly string[];
  /** KMS key of the environment that owns it. */
  keyArn: pulumi.Input<string>;
  /** data: neither an update nor a destroy deletes it. none: it is deleted with all images. */
  protect: "data" | "none";
}

/** The one ECR repository of all services and environments. Its owner's stack declares it, the others refer to it. */
export class ImageRepository extends pulumi.ComponentResource {
  constructor(name: string, args: ImageRepositoryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:aws:ImageRepository", name, {}, opts);
    const { readers } = args.config;

    const repository = this.createRepository(name, args);
    this.expireImages(name, repository, args);
    if (readers.length > 0) this.letRead(name, repository, readers);

    this.registerOutputs({});
  }

  private createRepository(name: string, { config, keyArn, protect }: ImageRepositoryArgs): aws.ecr.Repository {
    return new aws.ecr.Repository(
      name,
      {
        name: config.repository,
        // A release means the same bytes for ever. Only the marks of what is deployed move.
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filter: DEPLOYED_TAGS, filterType: "WILDCARD" }],
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: keyArn }],
        forceDelete: protect === "none",
      },
      { parent: this, protect: protect === "data" },
    );
  }

  private expireImages(name: string, repository: aws.ecr.Repository, { config, services }: ImageRepositoryArgs): void {
    const keptWhole = servicesKeptWhole(services);
    if (keptWhole.length > 0) {
      pulumi.log.warn(
        `registry.keepReleases: ECR takes 50 rules and these services are beyond them: ${keptWhole.join(", ")}. ` +
          "All their images are kept. Nothing is lost; delete what you no longer need: aws ecr batch-delete-image.",
        this,
      );
    }
    new aws.ecr.LifecyclePolicy(
      name,
      {
        repository: repository.name,
        policy: pulumi.jsonStringify(lifecyclePolicy({ services, keepReleases: config.keepReleases })),
      },
      // A changed policy is a new resource of the same repository: deleting the old one afterwards would delete the new.
      { parent: this, deleteBeforeReplace: true },
    );
  }

  /** In each of the accounts, its own IAM policies say who of it. */
  private letRead(name: string, repository: aws.ecr.Repository, readers: readonly string[]): void {
    const Principal = { AWS: readers.map((id) => `arn:aws:iam::${id}:root`) };
    new aws.ecr.RepositoryPolicy(
      name,
      {
        repository: repository.name,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "Pull",
              Effect: "Allow",
              Principal,
              Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            },
            {
              // Another tag for an image that is there: without the right to upload layers nothing new can be pushed.
              Sid: "MarkDeployed",
              Effect: "Allow",
              Principal,
              Action: "ecr:PutImage",
              Condition: {
                ArnLike: { "aws:PrincipalArn": readers.map((id) => `arn:aws:iam::${id}:role${DELIVERY_PATH}*`) },
              },
            },
          ],
        }),
      },
      { parent: this },
    );
  }
}
