import type { SimpleGit } from "simple-git";
import { Failure, reasonOf } from "../failure.ts";
import { RECORD_TRAILER } from "../git/record.ts";
import { gitErrorReason, hasRemote, openRepository, pushTag, REMOTE } from "../git/repository.ts";
import { type VersionPart, incrementVersion, versionPartFromTitle, commitHash, versionNumbers } from "../git/version-bump.ts";
import { GitHub } from "../github/client.ts";
import { type CommonOptions, printResult, info, warn } from "../output.ts";

export interface VersionOptions extends CommonOptions {
  /** Title of the pull request. @default - GitHub is asked, else the commit's own words are taken */
  title?: string;
  /** Tag the commit, and push the tag. @default false */
  push?: boolean;
}

/** The version of a commit. */
export interface Version {
  /** `vX.Y.Z-<short hash>` */
  version: string;
  /** Release tag that was counted from; undefined for the first. */
  previous?: string;
  /** Undefined where the commit bore its tag already. */
  bump?: VersionPart;
  commit: string;
  title?: string;
}

/** A commit of the line of merges. */
interface Merge {
  commit: string;
  subject: string;
  body: string;
}

/**
 * The version of HEAD: from the last release tag on its line of merges, each merge since then counted by its title. Two
 * merges at once get two versions, for the later one counts the earlier one in, whether or not that has been tagged yet. A
 * commit that bears a release tag keeps it.
 *
 * @throws Failure for a title that does not say how to count, or a clone without the history that it takes.
 */
export async function version(options: VersionOptions, root: string): Promise<void> {
  const git = await openRepository(root);
  const next = await nextVersion(git, options.title);
  if (options.push && !options.dryRun) {
    await pushTag(git, next.version, next.commit);
    info(`Tagged ${next.commit.slice(0, 7)} as ${next.version}.`);
  } else if (options.push) info(`Would tag ${next.commit.slice(0, 7)} as ${next.version} and push the tag.`);
  printResult(options, next, next.version);
}

export async function nextVersion(git: SimpleGit, givenTitle?: string): Promise<Version> {
  if ((await git.revparse(["--is-shallow-repository"])) === "true") {
    throw new Failure(
      "version: this clone has no history to count from. Fetch it: git fetch --unshallow --tags (in CI: fetch-depth 0).",
    );
  }
  await fetchTags(git);
  const tags = await releaseTags(git);
  const commit = await git.revparse(["--verify", "HEAD"]).catch(() => {
    throw new Failure("version: there is no commit yet.");
  });
  const own = tags.get(commit)?.at(-1);
  if (own !== undefined) return { version: own, commit };

  const { merges, previous } = await mergesSince(git, tags);
  const [head, ...earlier] = merges;
  if (head === undefined) throw new Error(`${commit} is not in its own log`);
  if (isRecord(head)) {
    throw new Failure(
      `version: ${commit.slice(0, 7)} is the record of a deploy, no change to be released. Check the merge out.`,
    );
  }
  const asked = { github: await GitHub.connect(git) };
  const title = givenTitle ?? (await titleOf(head, asked));
  const bump = versionPartFromTitle(title);
  if (bump === undefined) throw new Failure(titleFault(title));

  // Another branch may have come to the same numbers.
  const taken = new Set([...tags.values()].flat().map(versionNumbers));
  const step = (numbers: string, by: VersionPart): string => {
    const next = incrementVersion(numbers, by);
    return taken.has(next) ? step(next, "patch") : next;
  };
  // Oldest first. Without any tag there is no telling where counting should begin: with this one.
  let numbers = (previous && versionNumbers(previous)) ?? "0.0.0";
  for (const merge of previous ? earlier.reverse() : []) {
    const by = isRecord(merge) ? undefined : versionPartFromTitle(await titleOf(merge, asked));
    if (by) numbers = step(numbers, by);
  }
  numbers = step(numbers, bump);
  return { version: `v${numbers}-${commit.slice(0, 7)}`, ...(previous && { previous }), bump, commit, title };
}

async function fetchTags(git: SimpleGit): Promise<void> {
  if (!(await hasRemote(git))) return;
  try {
    await git.fetch([REMOTE, "--tags", "--quiet"]);
  } catch (error) {
    warn(`version: ${REMOTE} cannot be asked for its tags (${gitErrorReason(error)}); those that are here count.`);
  }
}

/** Release tags by commit, the smaller first. A tag whose hash is not of the commit it is on was moved: it does not count. */
async function releaseTags(git: SimpleGit): Promise<Map<string, string[]>> {
  const format = "%(refname:strip=2) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)";
  const lines = (await git.raw(["for-each-ref", "refs/tags/v*", "--sort=v:refname", `--format=${format}`])).split("\n");
  const tags = new Map<string, string[]>();
  for (const line of lines) {
    const [name = "", commit = ""] = line.split(" ");
    const hash = commitHash(name);
    if (versionNumbers(name) === undefined || (hash !== undefined && !commit.startsWith(hash))) continue;
    tags.set(commit, [...(tags.get(commit) ?? []), name]);
  }
  return tags;
}

/** HEAD and what was merged before it, newest first, back to the last release tag. */
async function mergesSince(
  git: SimpleGit,
  tags: Map<string, string[]>,
): Promise<{ merges: Merge[]; previous: string | undefined }> {
  const log = await git.raw(["log", "--first-parent", "--format=%H%x1f%s%x1f%b%x1e", "HEAD"]);
  const all = log.split("\x1e").map((entry) => entry.trim().split("\x1f"));
  const merges: Merge[] = [];
  for (const [commit = "", subject = "", body = ""] of all) {
    const previous = tags.get(commit)?.at(-1);
    if (previous !== undefined) return { merges, previous };
    if (commit !== "") merges.push({ commit, subject, body });
  }
  return { merges, previous: undefined };
}

function isRecord({ body }: Merge): boolean {
  return body.split("\n").some((line) => line.startsWith(`${RECORD_TRAILER}: `));
}

/** GitHub's word for the title, which can be mended after the merge; else what the merge wrote into the commit. */
async function titleOf(merge: Merge, asked: { github: GitHub | undefined }): Promise<string> {
  try {
    const pullRequest = await asked.github?.findPullRequest(merge.commit);
    if (pullRequest) return pullRequest.title;
  } catch (error) {
    // Away for one is away for all, and each would be waited for.
    asked.github = undefined;
    warn(
      `version: GitHub cannot be asked for the pull request of ${merge.commit.slice(0, 7)} (${reasonOf(error)}); its commit's words count.`,
    );
  }
  // A merge commit of GitHub or Bitbucket has the title in its body; a squashed one has it as the subject.
  const isMergeCommit = /^(Merge pull request #\d+|Merged in .+ \(pull request #\d+\))/.test(merge.subject);
  return isMergeCommit ? (merge.body.split("\n").find((line) => line.trim()) ?? merge.subject) : merge.subject;
}

function titleFault(title: string): string {
  return (
    `version: the title "${title}" does not say what kind of change this is. Write [major], [minor] or [patch] into the pull ` +
    'request\'s title, such as "[minor] Add gift cards", or begin it as a conventional commit ("feat: add gift cards" is minor, ' +
    '"fix: …" and the other types patch, "feat!: …" major). Then run this again.'
  );
}
