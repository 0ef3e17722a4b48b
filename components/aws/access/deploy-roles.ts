import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DeliveryConfig } from "../../../config/index.ts";
import {
  DELIVERY_PATH,
  type DeployPermissions,
  inlineDeployPolicy,
  managedDeployPolicy,
  previewPolicy,
} from "./deploy-policies.ts";
import {
  deploySubject,
  GITHUB_OIDC_AUDIENCE,
  GITHUB_OIDC_ISSUER,
  githubAssumeRolePolicy,
  previewSubject,
} from "./github-oidc.ts";
import type { PolicyDocument } from "./iam-policy.ts";
import { statePolicy } from "./state-policies.ts";

/** Of all inline policies of a role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_INLINE_CHARACTERS = 10_240;
/** Of each managed policy: the same page. */
const MAX_MANAGED_CHARACTERS = 6_144;
/** The longest ARN that a bucket can have. The real one is not known before the bucket is created. */
const LONGEST_BUCKET_ARN = `arn:aws:s3:::${"b".repeat(63)}`;
/** Replacing all nodes takes hours, and an update whose credentials expire stops half-way. */
const DEPLOY_SESSION_SECONDS = 4 * 3600;
const ISSUER_URL = `https://${GITHUB_OIDC_ISSUER}`;

export interface DeployRolesArgs {
  config: DeliveryConfig;
  stack: string;
  accountId: string;
  region: string;
  clusterName: string;
  /** Name of the ECR repository that the images are in. */
  repository: string;
  /** Account that the repository is in. */
  registryAccountId: string;
  /** Whether this stack declares the repository, and so may change its settings. */
  ownsRepository: boolean;
  /** never: the environment runs images that others have pushed, and may push none. */
  builds: "if-missing" | "never";
  /** ARNs of the roles that services' pods get. @default none */
  serviceRoles?: readonly string[];
  /**
   * Bucket that deploys upload artifacts to.
   *
   * @default - none, and no permission to upload
   */
  bucketArn?: pulumi.Input<string>;
}

/**
 * Roles that GitHub Actions assumes by its OIDC tokens, so that no access key is stored: one previews pull requests, one
 * deploys for the jobs of one GitHub environment.
 *
 * Any job that names the GitHub environment can deploy. Its protection rules in GitHub limit who runs such a job and from
 * which branch; without them, anybody who can push a branch can.
 *
 * Both roles read the stack's state and decrypt its secrets, and the deploy role writes the state, if the config says where they are.
 * So whoever can preview can read both. By default nobody can: `previews` says who.
 */
export class DeployRoles extends pulumi.ComponentResource {
  readonly deployRoleArn: pulumi.Output<string>;
  /** Undefined if nobody may preview. */
  readonly previewRoleArn: pulumi.Output<string> | undefined;

  /** @throws RangeError if the names in the deploy role's policy make it too long for AWS. */
  constructor(name: string, args: DeployRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    validatePolicySize(permissionsOf(args, args.bucketArn === undefined ? undefined : LONGEST_BUCKET_ARN));
    super("slipway:aws:DeployRoles", name, {}, opts);
    const { repository, environment, provider, previews } = args.config.github;

    const providerArn = provider === "create" ? this.createOidcProvider(name) : this.lookUpOidcProvider();
    const permissions = pulumi.output(args.bucketArn).apply((bucketArn) => permissionsOf(args, bucketArn));
    const previewRole =
      previews === "none"
        ? undefined
        : this.createRole(`${name}-preview`, {
            assumeRolePolicy: githubAssumeRolePolicy(providerArn, previewSubject(repository, previews, environment)),
            policy: permissions.apply(previewPolicy),
            managed: { state: stateOf(args, "read") },
          });
    const deployRole = this.createRole(`${name}-deploy`, {
      assumeRolePolicy: githubAssumeRolePolicy(providerArn, deploySubject(repository, environment)),
      policy: permissions.apply(inlineDeployPolicy),
      managed: { create: permissions.apply(managedDeployPolicy), state: stateOf(args, "write") },
      maxSessionDuration: DEPLOY_SESSION_SECONDS,
    });

    this.previewRoleArn = previewRole?.arn;
    this.deployRoleArn = deployRole.arn;
    this.registerOutputs({
      deployRoleArn: this.deployRoleArn,
      ...(this.previewRoleArn && { previewRoleArn: this.previewRoleArn }),
    });
  }

  /** Without thumbprints: AWS trusts GitHub's certificate authority and would ignore them. */
  private createOidcProvider(name: string): pulumi.Output<string> {
    const args = { url: ISSUER_URL, clientIdLists: [GITHUB_OIDC_AUDIENCE] };
    return new aws.iam.OpenIdConnectProvider(`${name}-github`, args, { parent: this }).arn;
  }

  /** Looked up although its ARN is predictable, so that a preview fails if it does not exist. */
  private lookUpOidcProvider(): pulumi.Output<string> {
    return aws.iam.getOpenIdConnectProviderOutput({ url: ISSUER_URL }, { parent: this }).arn;
  }

  private createRole(
    name: string,
    {
      policy,
      managed,
      ...args
    }: {
      assumeRolePolicy: pulumi.Output<string>;
      policy: pulumi.Output<PolicyDocument>;
      /** Managed policies, by the end of their names. */
      managed: Record<string, pulumi.Input<PolicyDocument> | undefined>;
      /** Seconds. @default 3600 */
      maxSessionDuration?: number;
    },
  ): aws.iam.Role {
    const role = new aws.iam.Role(name, { path: DELIVERY_PATH, ...args }, { parent: this });
    const attachments = Object.entries(managed).flatMap(([end, document]) => {
      if (document === undefined) return [];
      const policy = { path: DELIVERY_PATH, policy: pulumi.jsonStringify(document) };
      const { arn: policyArn } = new aws.iam.Policy(`${name}-${end}`, policy, { parent: this });
      return [new aws.iam.RolePolicyAttachment(`${name}-${end}`, { role: role.name, policyArn }, { parent: this })];
    });
    // After the managed ones, so that an update that moves statements to them never takes a right away.
    const options = { parent: this, dependsOn: attachments };
    new aws.iam.RolePolicy(name, { role: role.name, policy: pulumi.jsonStringify(policy) }, options);
    return role;
  }
}

function stateOf({ config: { state }, stack, accountId }: DeployRolesArgs, access: "read" | "write") {
  return state && statePolicy({ project: pulumi.getProject(), stack, accountId, state }, access);
}

function permissionsOf(args: DeployRolesArgs, bucketArn: string | undefined): DeployPermissions {
  const { stack, accountId, region, clusterName, repository, registryAccountId } = args;
  return {
    project: pulumi.getProject(),
    stack,
    accountId,
    region,
    clusterName,
    repository: { name: repository, accountId: registryAccountId },
    bucketArn,
    images: args.builds === "never" ? "tag" : "push",
    ownsRepository: args.ownsRepository,
    serviceRoles: args.serviceRoles ?? [],
  };
}

function validatePolicySize(permissions: DeployPermissions): void {
  const sizes: [string, object, number][] = [
    ["policy", inlineDeployPolicy(permissions), MAX_INLINE_CHARACTERS],
    ["managed policy", managedDeployPolicy(permissions), MAX_MANAGED_CHARACTERS],
  ];
  for (const [policy, document, most] of sizes) {
    const size = JSON.stringify(document).length;
    if (size <= most) continue;
    const { stack, clusterName, repository } = permissions;
    throw new RangeError(
      `delivery: the deploy role's ${policy} would have ${size} characters; AWS allows ${most}. It contains the ` +
        `names of the stack (${stack}), the cluster (${clusterName}), registry.repository (${repository.name}) and the services' ` +
        "serviceAccount.roleArn. Shorten them, or let services share a role.",
    );
  }
}
