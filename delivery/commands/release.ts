import { releaseTag } from "../../config/schema/formats.ts";
import { currentRun } from "../ci.ts";
import { checkServices, type DeliveredEnvironment, readEnvironment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { commitRecord, pushRecord } from "../git/record.ts";
import { openRepository } from "../git/repository.ts";
import { builds, demandImages } from "../images.ts";
import { type CommonOptions, conclude, say } from "../output.ts";
import {
  changed,
  type Releases,
  readStackFile,
  releasesIn,
  stackFileOf,
  withRecordOf,
  withReleases,
  writeStackFile,
} from "../stack-file.ts";
import { inWords } from "./history.ts";

export interface ReleaseOptions extends CommonOptions {
  stack: string;
  /** Services that get the tag. @default - all */
  service?: string[];
  /** @default true */
  commit?: boolean;
  /** @default - true in CI, else false */
  push?: boolean;
}

/**
 * Writes a release into the stack's file, and commits it as the record of what runs where. Without a tag: records, or pushes,
 * what the file says.
 *
 * @throws Failure for a tag whose images neither the registry holds nor the stack builds.
 */
export async function release(tag: string | undefined, options: ReleaseOptions, root: string): Promise<void> {
  const { stack, service = [] } = options;
  const text = readStackFile(root, stack);
  if (tag === undefined) checkServices(readEnvironment(root, stack, text), service);
  const edit =
    tag === undefined
      ? (now: string) => withRecordOf(now, stack, text)
      : (await planRelease(root, stack, text, tag, service)).edit;
  const edited = edit(text);
  const subject = `Release ${inWords(releasesIn(edited))} to ${stack}`;
  const result = { stack, release: releasesIn(edited), changed: edited !== text };
  if (options.dryRun) {
    say(
      edited === text ? `${stackFileOf(stack)} says so already.` : `Would record in ${stackFileOf(stack)}: ${subject}`,
    );
    return conclude(options, { ...result, dryRun: true }, "");
  }
  if (options.commit === false) {
    writeStackFile(root, stack, edited);
    return conclude(options, result, `${stackFileOf(stack)}: ${inWords(result.release)}`);
  }
  const git = await openRepository(root);
  const run = await currentRun(git, root);
  const change = { stack, edit, subject, action: "release", actor: run.actor };
  const commit = await commitRecord(git, root, change);
  if (options.push ?? run.isCi) {
    if (run.branch === undefined)
      throw new Failure("release: no branch is checked out to push to. Check one out, or leave --push out.");
    const pushed = await pushRecord(git, change, run.branch);
    say(pushed ? `Recorded on ${run.branch}.` : `${run.branch} says so already.`);
  }
  conclude(options, { ...result, ...(commit && { commit }) }, `${stackFileOf(stack)}: ${inWords(result.release)}`);
}

/** How the file changes for a release; nothing has been changed yet. @throws Failure as {@link release} does. */
export async function planRelease(
  root: string,
  stack: string,
  text: string,
  tag: string,
  services: readonly string[],
): Promise<{ edit: (text: string) => string; releases: Releases; environment: DeliveredEnvironment }> {
  const fault = releaseTag.safeParse(tag).error?.issues[0]?.message;
  if (fault) throw new Failure(`"${tag}" is no release: it takes ${fault}.`);
  checkServices(readEnvironment(root, stack, text), services);
  const edit = (now: string) => withReleases(now, stack, changed(releasesIn(now), tag, services));
  const edited = edit(text);
  const environment = readEnvironment(root, stack, edited);
  if (!builds(environment)) {
    const remedy = `${stack} builds none (images.build: never). Deploy a release that was pushed, or build it where images are built.`;
    await demandImages(environment, environment.services, remedy);
  }
  return { edit, releases: releasesIn(edited), environment };
}
