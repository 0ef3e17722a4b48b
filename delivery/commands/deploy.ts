import { Failure } from "../failure.ts";
import { formatReleases } from "../releases.ts";
import { isStale, refuseUnmergedRecord, staleRefusal } from "../update/compare.ts";
import { prepareUpdate, type UpdateOptions } from "../update/context.ts";
import { refuseDowngrade, releasesOfOthers } from "../update/downgrade.ts";
import { runUpdate } from "../update/run.ts";
import { planRelease } from "./release.ts";

export interface DeployOptions extends UpdateOptions {
  /** @default - what the stack's file says */
  release?: string;
  /** Deploy although a newer release runs. @default false */
  allowDowngrade?: boolean;
}

/**
 * Records a release in the stack's file and runs `pulumi up`.
 *
 * @throws Failure if the deploy is refused or fails; the message says which.
 */
export async function deploy(options: DeployOptions, root: string): Promise<void> {
  const { stack, release, service = [], allowDowngrade = false } = options;
  const context = await prepareUpdate(options, root);
  if (release === undefined && service.length > 0) {
    throw new Failure("--service selects the services that get a release. Add --release <tag>.");
  }
  const { file } = context.sources;
  if (release === undefined && !allowDowngrade) {
    if (await isStale(context)) throw staleRefusal(context, "deploy");
    refuseUnmergedRecord(context, "deploy");
  }
  const { edit, releases } =
    release === undefined
      ? { edit: (text: string) => text, releases: file }
      : await planRelease(
          { environment: context.environment, releases: await releasesOfOthers(context, service) },
          release,
          service,
        );
  if (!allowDowngrade) await refuseDowngrade(context, releases, { release, service });
  await runUpdate(context, {
    action: "deploy",
    subject: `Deploy ${formatReleases(releases)} to ${stack}`,
    edit,
    releases,
  });
}
