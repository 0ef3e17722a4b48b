import { Failure } from "../failure.ts";
import { info } from "../output.ts";
import type { DeployRun } from "../run-folder.ts";
import { pushTag, requireRemote } from "./push.ts";
import { fetchTip, findRecordBranch } from "./record-branch.ts";
import { type Git, gitErrorReason, REMOTE } from "./repository.ts";

/** The git tag of a deploy. */
export interface DeployTag {
  /** `<stack>/<release>/<build number>` */
  name: string;
  /** The commit that was deployed. */
  commit: string;
}

/**
 * @param build build number. @default - the run's, else when the deploy began, such as 20260131T120000
 * @throws Failure if the deploy failed, or its commit is unknown.
 */
export function deployTagOf(run: DeployRun, build: string | undefined): DeployTag {
  const { stack, action, status, release, commit, startedAt } = run;
  if (status !== "succeeded") {
    throw new Failure(`tag: this ${action} of ${stack} failed, and only a successful deploy gets a tag`);
  }
  if (commit === undefined) throw new Failure("tag: the run does not say which commit was deployed");
  const number = build ?? run.build ?? startedAt.replaceAll(/[-:]/g, "").slice(0, 15);
  // The release of most services. Those of single services are in the record.
  return { name: `${stack}/${release.split(",")[0]}/${number}`, commit };
}

/**
 * @throws Failure if the remote does not have the commit, which the tag would publish with all that is below it; if the tag is on
 * another commit already; or if the remote cannot be reached or refuses.
 */
export async function pushDeployTag(git: Git, { name, commit }: DeployTag, branch?: string): Promise<void> {
  await requireRemote(git, `push the tag ${name} to`);
  const unpublished = await listUnpublished(git, commit, branch);
  if (unpublished.length > 0) {
    throw new Failure(
      `the tag ${name} would publish ${unpublished.length === 1 ? "a commit" : `${unpublished.length} commits`} that ${REMOTE} does not have ` +
        `(${unpublished.slice(0, 3).join(", ")}${unpublished.length > 3 ? ", …" : ""}). Push the branch first: git push`,
    );
  }
  await pushTag(git, name, commit);
  info(`Tagged ${commit.slice(0, 7)} as ${name}.`);
}

/** Commits that no branch of the remote contains, newest first: `1a2b3c4 subject`. */
async function listUnpublished(git: Git, commit: string, named: string | undefined): Promise<string[]> {
  const local = await unlessIn(git, commit, []);
  if (local.length === 0) return [];
  // The remote's branches may have moved on, and CI may have fetched none of them.
  try {
    const branch = await findRecordBranch(git, named);
    const tip = branch && (await fetchTip(git, branch));
    return tip ? await unlessIn(git, commit, [tip]) : local;
  } catch (error) {
    throw new Failure(`${REMOTE} cannot be pushed to: ${gitErrorReason(error)}`);
  }
}

async function unlessIn(git: Git, commit: string, tips: readonly string[]): Promise<string[]> {
  const log = await git.text("log", "--format=%h %s", commit, "--not", `--remotes=${REMOTE}`, ...tips);
  return log.split("\n").filter(Boolean);
}
