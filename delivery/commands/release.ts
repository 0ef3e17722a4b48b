import { stackFileOf } from "../../config/naming.ts";
import { releaseTag } from "../../config/schema/formats.ts";
import { detectCiRun } from "../ci.ts";
import { atReleases, readEnvironment, requireServices, type StackEnvironment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { requireRemote } from "../git/push.ts";
import { commitRecord } from "../git/record.ts";
import { fetchTip, findRecordBranch } from "../git/record-branch.ts";
import { isBehind } from "../git/record-log.ts";
import { type Git, gitErrorReason, openRepository, REMOTE } from "../git/repository.ts";
import { shareRecord } from "../github/record-pull-request.ts";
import { buildsImages, requireImages } from "../images.ts";
import { type CommonOptions, info, printResult } from "../output.ts";
import { assignRelease, formatReleases, type Releases } from "../releases.ts";
import { copyRecord, readReleases, readStackFile, setReleases, writeStackFile } from "../stack-file.ts";

export interface ReleaseOptions extends CommonOptions {
  stack: string;
  /** Services that get the release. @default - all */
  service?: string[];
  /** @default true */
  commit?: boolean;
  /** @default - true in CI, else false */
  push?: boolean;
  /** Branch that keeps the records. @default - SLIPWAY_BRANCH, else the remote's default branch */
  branch?: string;
}

/**
 * Writes a release into the stack's file and commits it. Without a tag it commits, or pushes, what the file says.
 *
 * @throws Failure if the registry does not have the images and the stack does not build them.
 */
export async function release(tag: string | undefined, options: ReleaseOptions, root: string): Promise<void> {
  const { stack, service = [] } = options;
  const text = readStackFile(root, stack);
  const environment = readEnvironment(root, stack, text);
  requireServices(environment, service);
  const releases = readReleases(text);
  const edit =
    tag === undefined
      ? (now: string) => copyRecord(now, stack, text)
      : (await planRelease({ environment, releases }, tag, service)).edit;
  const edited = edit(text);
  const file = stackFileOf(stack);
  const result = { stack, release: readReleases(edited), changed: edited !== text };
  const subject = `Release ${formatReleases(result.release)} to ${stack}`;
  if (options.dryRun) {
    info(result.changed ? `Would record in ${file}: ${subject}` : `${file} needs no change.`);
    return printResult(options, { ...result, dryRun: true }, "");
  }
  const summary = `${file}: ${formatReleases(result.release)}`;
  if (options.commit === false) {
    writeStackFile(root, stack, edited);
    return printResult(options, result, summary);
  }
  const git = await openRepository(root);
  const run = await detectCiRun(git, root);
  const change = { stack, edit, subject, action: "release", actor: run.actor };
  const push = options.push ?? run.isCi;
  const branch = push ? await findBranch(git, stack, options.branch, tag === undefined) : undefined;
  const committed = await commitRecord(git, root, change);
  if (branch) {
    const shared = await shareRecord(git, change, branch, environment.config.records);
    info(`${REMOTE}/${shared?.branch ?? branch} ${shared ? "has the record now" : "has this record already"}.`);
  }
  printResult(options, { ...result, ...(committed && { commit: committed.commit }) }, summary);
}

/**
 * The branch to push to.
 *
 * @param copies whether the checkout's record is copied to the branch, where it must not replace a newer one
 */
async function findBranch(git: Git, stack: string, named: string | undefined, copies: boolean): Promise<string> {
  await requireRemote(git, "push the record to");
  try {
    const branch = await findRecordBranch(git, named);
    const tip = branch && (await fetchTip(git, branch));
    if (!branch || !tip) {
      throw new Failure(`release: ${REMOTE} has no branch ${branch ?? "for the records"}. Name one with --branch.`);
    }
    if (copies && (await isBehind(git, stack, tip))) {
      throw new Failure(
        `release: ${stackFileOf(stack)} is newer on ${REMOTE}/${branch} than here, so this record would replace a newer one; nothing was changed. ` +
          `Update the checkout: git pull ${REMOTE} ${branch}. To record a release all the same: npm run slipway -- release <tag> --stack ${stack} --push`,
      );
    }
    return branch;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`release: ${REMOTE} cannot be reached: ${gitErrorReason(error)}. Nothing was changed.`);
  }
}

/** A change of the stack's file that has not been made. */
export interface ReleasePlan {
  edit: (text: string) => string;
  /** Releases after the change. */
  releases: Releases;
}

/**
 * Plans to give a release to some services, or to all.
 *
 * @param current the stack as it is
 * @throws Failure for an invalid tag, or missing images if the stack does not build them.
 */
export async function planRelease(
  current: { environment: StackEnvironment; releases: Releases },
  tag: string,
  services: readonly string[],
): Promise<ReleasePlan> {
  const { stack } = current.environment;
  const fault = releaseTag.safeParse(tag).error?.issues[0]?.message;
  if (fault) throw new Failure(`"${tag}" is not a release: it takes ${fault}.`);
  const releases = assignRelease(current.releases, tag, services);
  const environment = atReleases(current.environment, releases);
  if (!buildsImages(environment)) {
    await requireImages(
      environment,
      environment.services,
      `${stack} does not build images (images.build: never). Deploy a release whose images were pushed, or build them in the environment that does.`,
    );
  }
  return { edit: (now) => setReleases(now, stack, assignRelease(readReleases(now), tag, services)), releases };
}
