import { Failure } from "../failure.ts";
import { formatReleases } from "../releases.ts";
import { prepareUpdate, type UpdateOptions } from "../update/context.ts";
import { runUpdate } from "../update/run.ts";
import { planRelease } from "./release.ts";

export interface DeployOptions extends UpdateOptions {
  /** @default - what the stack's file says */
  release?: string;
}

/**
 * Records a release in the stack's file and runs `pulumi up`.
 *
 * @throws Failure if the deploy is refused or fails; the message says which.
 */
export async function deploy(options: DeployOptions, root: string): Promise<void> {
  const context = await prepareUpdate(options, root);
  const { stack, release, service = [] } = options;
  if (release === undefined && service.length > 0) {
    throw new Failure("--service selects the services that get a release. Add --release <tag>.");
  }
  const { edit, releases } =
    release === undefined
      ? { edit: (text: string) => text, releases: context.releases }
      : await planRelease(context, release, service);
  await runUpdate(context, {
    action: "deploy",
    subject: `Deploy ${formatReleases(releases)} to ${stack}`,
    edit,
    releases,
  });
}
