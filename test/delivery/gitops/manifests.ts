import type { Deploy, DeployMessage } from "../../../delivery/gitops/deploy-commit.ts";
import { type Manifests, withManifests } from "../../../delivery/gitops/manifests-repository.ts";
import type { Remote } from "../repositories.ts";

export const BRANCH = "env/prod";

/** Runs with the manifests of a remote, with short limits. */
export const open = <T>(
  remote: Remote | string,
  use: (manifests: Manifests) => Promise<T>,
  path?: string,
): Promise<T> => {
  const repository = typeof remote === "string" ? remote : `file://${remote.path}`;
  return withManifests({ repository, branch: BRANCH, ...(path !== undefined && { path }) }, use);
};

export function message(release = "v1.1.0", services: readonly string[] = ["api"]): DeployMessage {
  const deploy: Deploy = {
    stack: "prod",
    action: "deploy",
    release,
    services,
    source: "5e15f0a",
    actor: "Ada Lovelace",
  };
  return { subject: `Deploy ${release} to prod`, deploy };
}

/** Files of a service, with a release in them. */
export const filesOf = (release: string, more: Record<string, string> = {}) =>
  new Map(
    Object.entries({
      "values.yaml": `release: ${release}\n`,
      "manifests/deployment.yaml": `image: ${release}\n`,
      ...more,
    }),
  );

/** Deploys a release of some services. */
export const deploy = (
  remote: Remote | string,
  release: string,
  services: readonly string[] = ["api"],
  path?: string,
) =>
  open(
    remote,
    async (manifests) => {
      for (const service of services) manifests.replaceFolder(service, filesOf(release));
      return manifests.commitAndPush(message(release, services));
    },
    path,
  );
