import type * as pulumi from "@pulumi/pulumi";
import { assumeRolePolicy } from "./assume-role-policy.ts";

/** Issuer of the tokens that GitHub gives to the jobs of its Actions. */
export const GITHUB_OIDC_ISSUER = "token.actions.githubusercontent.com";
/** Audience of a token that is meant for AWS. */
export const GITHUB_OIDC_AUDIENCE = "sts.amazonaws.com";

/** Trust policy of a role that only the jobs with this subject can assume. */
export function githubAssumeRolePolicy(providerArn: pulumi.Input<string>, subject: string): pulumi.Output<string> {
  return assumeRolePolicy({
    principal: { Federated: providerArn },
    action: "sts:AssumeRoleWithWebIdentity",
    // Equal, not like: anybody can choose the name of a repository or branch to match a pattern.
    condition: {
      StringEquals: {
        [`${GITHUB_OIDC_ISSUER}:aud`]: GITHUB_OIDC_AUDIENCE,
        [`${GITHUB_OIDC_ISSUER}:sub`]: subject,
      },
    },
  });
}

/**
 * Subject of a job that names a GitHub environment: https://docs.github.com/en/actions/reference/security/oidc
 *
 * @param repository as it is in GitHub's subjects: `owner/name`, or `owner@id/name@id` where its subjects are immutable.
 */
export function deploySubject(repository: string, environment: string): string {
  // GitHub escapes colons in the same way, so that a name cannot pass for another part of the subject.
  return `repo:${repository}:environment:${environment.replaceAll(":", "%3A")}`;
}

/**
 * Subject of a job that previews: of any pull request's job that names no environment, or of a job that names the GitHub environment
 * of previews, whose reviewers see the pull request before its code runs.
 */
export function previewSubject(
  repository: string,
  previews: "pull-request" | "environment",
  environment: string,
): string {
  return previews === "pull-request"
    ? `repo:${repository}:pull_request`
    : deploySubject(repository, `preview-${environment}`);
}
