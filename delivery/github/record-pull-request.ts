import type { EnvironmentSettings } from "../../config/environment.ts";
import { Failure, reasonOf } from "../failure.ts";
import { proposeRecord } from "../git/proposed-record.ts";
import { type CommittedRecord, commitMessage, pushRecord, type RecordChange } from "../git/record.ts";
import { type Git, REMOTE } from "../git/repository.ts";
import { info, warn } from "../output.ts";
import { GitHub } from "./client.ts";

/** A record that others can see. */
export interface SharedRecord extends CommittedRecord {
  /** Where it is: the branch that it belongs to, or the one of its pull request. */
  branch: string;
}

/**
 * Brings a record to the branch that it belongs to: as a commit on it, or as a pull request into it.
 *
 * @returns undefined if the branch needs no change.
 * @throws Failure if the remote cannot be reached or refuses.
 */
export async function shareRecord(
  git: Git,
  change: RecordChange,
  branch: string,
  records: EnvironmentSettings["records"],
): Promise<SharedRecord | undefined> {
  if (records === "commit") return pushOntoBranch(git, change, branch);
  const proposed = await proposeRecord(git, change, branch);
  if (proposed) await openPullRequest(git, change, proposed.branch, branch);
  return proposed;
}

async function pushOntoBranch(git: Git, change: RecordChange, branch: string): Promise<SharedRecord | undefined> {
  try {
    const pushed = await pushRecord(git, change, branch);
    return pushed && { ...pushed, branch };
  } catch (error) {
    if (!(error instanceof Failure) || !/remote rejected|declined|protected/i.test(error.message)) throw error;
    throw new Failure(
      `${error.message}. If ${branch} takes only pull requests, push as an app that may bypass that, or set records: pull-request ` +
        "in stacks/services.yaml; see docs/aws.md, part 9",
    );
  }
}

/** The record is safe on its branch, so a pull request that cannot be opened is a warning. */
async function openPullRequest(git: Git, change: RecordChange, branch: string, base: string): Promise<void> {
  const byHand = `Open a pull request from ${REMOTE}/${branch} into ${base} yourself.`;
  try {
    const github = await GitHub.connect(git);
    if (github === undefined) {
      warn(
        `The record is on ${REMOTE}/${branch}. GITHUB_TOKEN is not set, or the repository is not on GitHub. ${byHand}`,
      );
      return;
    }
    const [title = "", ...trailers] = commitMessage(change).split("\n");
    // The trailers come first: a squash merge may copy the text into its message.
    const body = `${trailers.join("\n").trim()}\n\nWhat ${change.stack} was last told to run. Merge it, so that ${base} says so too.\n`;
    info(`Record: ${await github.openPullRequest({ branch, base, title, body })}`);
  } catch (error) {
    warn(
      `The record is on ${REMOTE}/${branch}, but its pull request could not be opened (${reasonOf(error)}). ${byHand}`,
    );
  }
}
