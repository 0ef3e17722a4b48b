import { Failure } from "../failure.ts";
import { readReleases } from "../stack-file.ts";
import { runUpdate, prepareUpdate, type UpdateOptions } from "../update/run.ts";
import { formatReleases } from "./history.ts";
import { planRelease } from "./release.ts";

export interface DeployOptions extends UpdateOptions {
  /** What to deploy. @default - what the stack's file says */
  release?: string;
}

/**
 * A release, and `pulumi up`.
 *
 * @throws Failure if it is refused or fails; the message says which.
 */
export async function deploy(options: DeployOptions, root: string): Promise<void> {
  const ground = await prepareUpdate(options, root);
  const { stack, release: tag, service = [] } = options;
  if (tag === undefined) {
    if (service.length > 0) throw new Failure("--service: says which services get a release. Give it by --release.");
    const release = formatReleases(readReleases(ground.text));
    return runUpdate(ground, { action: "deploy", subject: `Deploy ${release} to ${stack}`, edit: (text) => text });
  }
  const { edit, releases } = await planRelease(root, stack, ground.text, tag, service);
  await runUpdate(ground, { action: "deploy", subject: `Deploy ${formatReleases(releases)} to ${stack}`, edit });
}
