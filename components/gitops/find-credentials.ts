import * as pulumi from "@pulumi/pulumi";
import type { GitOpsConfig } from "../../config/environment.ts";
import { GITOPS_SECRETS, SLACK_SECRETS } from "../../config/naming.ts";
import type { RepositoryCredentials } from "./repository-credentials.ts";

/** How Argo CD reads the manifests repository. Undefined if the stack has no secret for it: the repository is public. */
export function findCredentials({ username, githubApp }: GitOpsConfig): RepositoryCredentials | undefined {
  const config = new pulumi.Config("slipway");
  if (githubApp === undefined) {
    const password = config.getSecret(nameOf(GITOPS_SECRETS.password));
    return password && { username, password };
  }
  const { id, installationId } = githubApp;
  const privateKey = config.requireSecret(nameOf(GITOPS_SECRETS.githubAppKey));
  return { githubApp: { id: String(id), installationId: String(installationId), privateKey } };
}

/** The webhook's URL or the bot's token. Undefined if Argo CD does not notify Slack. */
export function findSlackSecret({ slack }: GitOpsConfig): pulumi.Output<string> | undefined {
  return slack && new pulumi.Config("slipway").requireSecret(nameOf(SLACK_SECRETS[slack.by]));
}

function nameOf(key: string): string {
  return key.slice("slipway:".length);
}
