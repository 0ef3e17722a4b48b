import { Failure } from "../failure.ts";
import { releasesIn } from "../stack-file.ts";
import { carryOut, layGround, type UpdateOptions } from "../update.ts";
import { inWords } from "./history.ts";
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
  const ground = await layGround(options, root);
  const { stack, release: tag, service = [] } = options;
  if (tag === undefined) {
    if (service.length > 0) throw new Failure("--service: says which services get a release. Give it by --release.");
    const release = inWords(releasesIn(ground.text));
    return carryOut(ground, { action: "deploy", subject: `Deploy ${release} to ${stack}`, edit: (text) => text });
  }
  const { edit, releases } = await planRelease(root, stack, ground.text, tag, service);
  await carryOut(ground, { action: "deploy", subject: `Deploy ${inWords(releases)} to ${stack}`, edit });
}
