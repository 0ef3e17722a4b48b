import type * as pulumi from "@pulumi/pulumi";

/** How Argo CD reads the repository. It needs no right to write. */
export type RepositoryCredentials =
  | { username: pulumi.Input<string>; password: pulumi.Input<string> }
  | {
      githubApp: {
        id: pulumi.Input<string>;
        installationId: pulumi.Input<string>;
        /** In PEM form. */
        privateKey: pulumi.Input<string>;
        /** API of a GitHub Enterprise Server, such as https://github.example.com/api/v3. @default - github.com */
        baseUrl?: pulumi.Input<string>;
      };
    };

/** Fields of a repository's Secret: https://argo-cd.readthedocs.io/en/release-3.2/operator-manual/declarative-setup/#repositories */
export function repositorySecret(
  url: string,
  project: string,
  credentials: RepositoryCredentials,
): Record<string, pulumi.Input<string>> {
  // Credentials with a project are given to its Applications only.
  const repository = { type: "git", url, project };
  if ("username" in credentials) {
    const { username, password } = credentials;
    return { ...repository, username, password };
  }
  const { id, installationId, privateKey, baseUrl } = credentials.githubApp;
  return {
    ...repository,
    githubAppID: id,
    githubAppInstallationID: installationId,
    githubAppPrivateKey: privateKey,
    ...(baseUrl !== undefined && { githubAppEnterpriseBaseUrl: baseUrl }),
  };
}
