import { releaseTag } from "../../config/schema/service.ts";
import { detectCiRun } from "../ci.ts";
import { requireServices, type StackEnvironment, readEnvironment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { commitRecord, pushRecord } from "../git/record.ts";
import { openRepository } from "../git/repository.ts";
import { buildsImages, requireImages } from "../images.ts";
import { type CommonOptions, printResult, info } from "../output.ts";
import {
  assignRelease,
  type Releases,
  readStackFile,
  readReleases,
  stackFilePath,
  copyRecord,
  setReleases,
  writeStackFile,
} from "../stack-file.ts";
import { formatReleases } from "./history.ts";

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
  if (tag === undefined) requireServices(readEnvironment(root, stack, text), service);
  const edit =
    tag === undefined
      ? (now: string) => copyRecord(now, stack, text)
      : (await planRelease(root, stack, text, tag, service)).edit;
  const edited = edit(text);
  const subject = `Release ${formatReleases(readReleases(edited))} to ${stack}`;
  const result = { stack, release: readReleases(edited), changed: edited !== text };
  if (options.dryRun) {
    info(
      edited === text ? `${stackFilePath(stack)} says so already.` : `Would record in ${stackFilePath(stack)}: ${subject}`,
    );
    return printResult(options, { ...result, dryRun: true }, "");
  }
  if (options.commit === false) {
    writeStackFile(root, stack, edited);
    return printResult(options, result, `${stackFilePath(stack)}: ${formatReleases(result.release)}`);
  }
  const git = await openRepository(root);
  const run = await detectCiRun(git, root);
  const change = { stack, edit, subject, action: "release", actor: run.actor };
  const commit = await commitRecord(git, root, change);
  if (options.push ?? run.isCi) {
    if (run.branch === undefined)
      throw new Failure("release: no branch is checked out to push to. Check one out, or leave --push out.");
    const pushed = await pushRecord(git, change, run.branch);
    info(pushed ? `Recorded on ${run.branch}.` : `${run.branch} says so already.`);
  }
  printResult(options, { ...result, ...(commit && { commit }) }, `${stackFilePath(stack)}: ${formatReleases(result.release)}`);
}

/** How the file changes for a release; nothing has been changed yet. @throws Failure as {@link release} does. */
export async function planRelease(
  root: string,
  stack: string,
  text: string,
  tag: string,
  services: readonly string[],
): Promise<{ edit: (text: string) => string; releases: Releases; environment: StackEnvironment }> {
  const fault = releaseTag.safeParse(tag).error?.issues[0]?.message;
  if (fault) throw new Failure(`"${tag}" is no release: it takes ${fault}.`);
  requireServices(readEnvironment(root, stack, text), services);
  const edit = (now: string) => setReleases(now, stack, assignRelease(readReleases(now), tag, services));
  const edited = edit(text);
  const environment = readEnvironment(root, stack, edited);
  if (!buildsImages(environment)) {
    const remedy = `${stack} builds none (images.build: never). Deploy a release that was pushed, or build it where images are built.`;
    await requireImages(environment, environment.services, remedy);
  }
  return { edit, releases: readReleases(edited), environment };
}
