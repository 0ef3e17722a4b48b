import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DeliveryConfig } from "../../../config/index.ts";
import { DELIVERY_PATH, type DeployRights, deployPolicy, type PolicyDocument, previewPolicy } from "./deploy-policy.ts";

const ISSUER = "token.actions.githubusercontent.com";
const AUDIENCE = "sts.amazonaws.com";
/** Of all inline policies of a role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_POLICY_CHARACTERS = 10_240;
/** As long as a bucket's name can be: the true one is known only when the bucket is there. */
const LONGEST_BUCKET_ARN = `arn:aws:s3:::${"b".repeat(63)}`;
/** An update of all nodes takes its time, and credentials that end in its midst leave it half done. */
const DEPLOY_SECONDS = 4 * 3600;

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
  /** never: the environment runs what others have pushed, and may push nothing. */
  builds: "if-missing" | "never";
  /** @default - nothing is uploaded */
  bucketArn?: pulumi.Input<string>;
}

/**
 * What GitHub Actions may do in AWS, without a key that could leak: a role that previews for pull requests, and one that
 * deploys for the jobs of one GitHub environment.
 *
 * Any job that names the GitHub environment deploys. Who may, and from which branch, is that environment's own protection
 * rules in GitHub: without them everybody may who can push a branch.
 *
 * Pulumi's own state is none of the program's: to reach it, both roles need rights on the bucket of the backend and the KMS
 * key of the secrets provider, given where those are made (a bucket policy and a key policy that name the roles). A preview
 * reads the state and decrypts secret config, so who may preview is who may read both.
 */
export class DeployRoles extends pulumi.ComponentResource {
  readonly deployRoleArn: pulumi.Output<string>;
  readonly previewRoleArn: pulumi.Output<string>;

  /** @throws RangeError if the names that the deploy role's policy holds are so long that AWS would refuse it. */
  constructor(name: string, args: DeployRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    validateSize(rightsOf(args, args.bucketArn === undefined ? undefined : LONGEST_BUCKET_ARN));
    super("slipway:aws:DeployRoles", name, {}, opts);
    const { repository, environment, provider } = args.config.github;

    const login = provider === "create" ? this.createLogin(name) : this.findLogin();
    const rights = pulumi.output(args.bucketArn).apply((bucketArn) => rightsOf(args, bucketArn));
    const preview = this.createRole(`${name}-preview`, login, previewSubject(repository), rights.apply(previewPolicy));
    const deploy = this.createRole(
      `${name}-deploy`,
      login,
      deploySubject(repository, environment),
      rights.apply(deployPolicy),
      DEPLOY_SECONDS,
    );

    this.previewRoleArn = preview.arn;
    this.deployRoleArn = deploy.arn;
    this.registerOutputs({ previewRoleArn: this.previewRoleArn, deployRoleArn: this.deployRoleArn });
  }

  /** Without thumbprints: AWS trusts GitHub by its certificate authority, and would not look at them. */
  private createLogin(name: string): pulumi.Output<string> {
    const args = { url: `https://${ISSUER}`, clientIdLists: [AUDIENCE] };
    return new aws.iam.OpenIdConnectProvider(`${name}-github`, args, { parent: this }).arn;
  }

  /** Looked up rather than put together, so that a preview already says when there is none. */
  private findLogin(): pulumi.Output<string> {
    return aws.iam.getOpenIdConnectProviderOutput({ url: `https://${ISSUER}` }, { parent: this }).arn;
  }

  private createRole(
    name: string,
    login: pulumi.Output<string>,
    subject: string,
    policy: pulumi.Output<PolicyDocument>,
    maxSessionDuration?: number,
  ): aws.iam.Role {
    const role = new aws.iam.Role(
      name,
      {
        path: DELIVERY_PATH,
        maxSessionDuration,
        assumeRolePolicy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Federated: login },
              Action: "sts:AssumeRoleWithWebIdentity",
              // Equal, never like: the name of a repository or a branch is anybody's to choose.
              Condition: { StringEquals: { [`${ISSUER}:aud`]: AUDIENCE, [`${ISSUER}:sub`]: subject } },
            },
          ],
        }),
      },
      { parent: this },
    );
    new aws.iam.RolePolicy(name, { role: role.name, policy: pulumi.jsonStringify(policy) }, { parent: this });
    return role;
  }
}

/**
 * What GitHub calls a job of that environment: https://docs.github.com/en/actions/reference/security/oidc
 *
 * @param repository as GitHub's subject has it: `owner/name`, or `owner@id/name@id` where its subjects are immutable.
 */
export function deploySubject(repository: string, environment: string): string {
  // GitHub itself writes a colon so, lest a name be taken for more than a name.
  return `repo:${repository}:environment:${environment.replaceAll(":", "%3A")}`;
}

/** What GitHub calls a job of a pull request that names no environment. */
export function previewSubject(repository: string): string {
  return `repo:${repository}:pull_request`;
}

function rightsOf(args: DeployRolesArgs, bucketArn: string | undefined): DeployRights {
  const { stack, accountId, region, clusterName, repository, registryAccountId } = args;
  return {
    project: pulumi.getProject(),
    stack,
    accountId,
    region,
    clusterName,
    repository: { name: repository, accountId: registryAccountId },
    bucketArn,
    images: args.builds === "never" ? "mark" : "push",
    ownsRepository: args.ownsRepository,
  };
}

function validateSize(rights: DeployRights): void {
  const size = JSON.stringify(deployPolicy(rights)).length;
  if (size <= MOST_POLICY_CHARACTERS) return;
  const { stack, clusterName, repository } = rights;
  throw new RangeError(
    `delivery: the deploy role's policy would have ${size} characters, AWS takes ${MOST_POLICY_CHARACTERS}. It holds the ` +
      `names of the stack (${stack}), the cluster (${clusterName}) and registry.repository (${repository.name}). Shorten them.`,
  );
}
