import { z } from "zod";

const slackSchema = z.strictObject({
  by: z
    .enum(["webhook", "token"])
    .describe(
      "webhook: an incoming webhook of Slack, with the secret slipway:gitops.slackWebhookUrl. token: a bot with the scope chat:write, with " +
        "the secret slipway:gitops.slackToken; the messages of one commit are then one thread.",
    ),
  channel: z
    .string()
    .regex(/^[^\s#:]{1,80}$/, "the name of a channel without #, or its id")
    .optional()
    .describe("Channel that the bot writes to. Needed with by: token. A webhook has its own."),
  apiUrl: z
    .string()
    .regex(/^https?:\/\/[A-Za-z0-9.-]+(:[0-9]+)?(\/[\w.-]+)*\/$/, "a URL that ends with a slash")
    .optional()
    .describe(
      "API for by: token, such as https://slack-gov.com/api/ of GovSlack. If left out: https://slack.com/api/.",
    ),
});

const gitopsSchema = z.strictObject({
  repository: z
    .string()
    .regex(
      /^https?:\/\/[A-Za-z0-9.-]+(:[0-9]+)?(\/[\w.~-]+)+$/,
      "the URL of a git repository over HTTPS, without user or password: https://github.com/example/manifests.git",
    )
    .describe(
      "The manifests repository. Argo CD and slipway deploy use the same URL. The password is never part of it.",
    ),
  branch: z
    .string()
    .regex(/^[A-Za-z0-9][\w-]*([./][\w-]+)*$/, "the name of a branch, such as env/prod")
    .optional()
    .describe("Branch that Argo CD syncs. If left out: env/<stack>."),
  path: z
    .string()
    .regex(
      /^[A-Za-z0-9][\w-]*(\/[A-Za-z0-9][\w-]*)*$/,
      "a folder, such as clusters/prod, without leading or trailing slash",
    )
    .optional()
    .describe("Folder of this stack's services in the repository. If left out: the repository's root."),
  review: z
    .enum(["none", "pull-request"])
    .default("none")
    .describe(
      "none: a deploy commits to the branch. pull-request: it commits to deploy/<stack>/<release> and opens a pull request; once that is " +
        "merged, Argo CD rolls it out. For branches that take pull requests only.",
    ),
  username: z
    .string()
    .regex(/^[\w.@-]+$/, "a user name")
    .default("git")
    .describe(
      "User that Argo CD reads the repository as, with the secret slipway:gitops.password, if the stack has it.",
    ),
  githubApp: z
    .strictObject({
      id: z.int().min(1).describe("Id of the GitHub App."),
      installationId: z.int().min(1).describe("Id of its installation."),
    })
    .optional()
    .describe(
      "Argo CD reads the repository as this GitHub App, with the secret slipway:gitops.githubAppKey, its private key.",
    ),
  slack: slackSchema
    .optional()
    .describe(
      "Argo CD notifies Slack of each service: deployed, degraded, waiting to be promoted, healed after a change by hand, not applied. " +
        "slipway deploy then notifies only of what Argo CD does not see. If left out: Argo CD notifies nobody.",
    ),
});

/** How releases reach the cluster, and who may send them. */
export const deliverySchema = z.strictObject({
  mode: z
    .enum(["direct", "gitops"])
    .default("direct")
    .describe(
      "direct: the update rolls the services out, one Helm release each. gitops: slipway deploy commits their manifests to a git " +
        "repository, and Argo CD rolls them out: docs/gitops.md.",
    ),
  gitops: gitopsSchema.optional().describe("Where the manifests are. Needed with mode: gitops."),
  github: z
    .strictObject({
      repository: z
        .string()
        .regex(
          /^[\w.-]+(@[0-9]+)?\/[\w.-]+(@[0-9]+)?$/,
          "<owner>/<name>, each followed by @<id> if GitHub's tokens carry ids",
        ),
      environment: z.string().optional().describe("GitHub environment that may deploy. If left out: the stack's name."),
      provider: z
        .enum(["create", "existing"])
        .default("create")
        .describe("GitHub's OIDC provider. An account has only one: create it in one stack, use it in the others."),
      previews: z
        .enum(["none", "pull-request", "environment"])
        .default("none")
        .describe(
          "Who may assume the preview role, which reads this stack's state and secrets. none: there is no such role. " +
            "pull-request: every job of a pull request, so everybody who can push a branch; for dev. environment: only jobs of the " +
            "GitHub environment preview-<environment>, whose reviewers approve each preview.",
        ),
    })
    .optional()
    .describe("Roles for GitHub Actions, on the target eks. If left out: there are none."),
  state: z
    .strictObject({
      bucket: z
        .string()
        .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of an S3 bucket, such as example-pulumi-state")
        .describe("Bucket of Pulumi's state."),
      keyArn: z
        .string()
        .regex(/^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key\/[\w-]+$/, "the ARN of a KMS key: arn:aws:kms:…:key/…")
        .describe("KMS key of the stacks' secrets. This stack's secrets provider has the context environment=<stack>."),
    })
    .optional()
    .describe(
      "Lets the roles use this stack's files in the state's bucket, and its secrets, and those of no other stack. If left out: they " +
        "get neither, and you give access by hand.",
    ),
});
