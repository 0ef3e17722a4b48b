import { Failure, reasonOf } from "../failure.ts";
import { pushTag } from "../git/push.ts";
import { RECORD_TRAILER } from "../git/record.ts";
import { type Git, gitErrorReason, openRepository, REMOTE } from "../git/repository.ts";
import {
  commitHash,
  incrementVersion,
  type VersionPart,
  versionNumbers,
  versionPartFromTitle,
} from "../git/version-number.ts";
import { GitHub } from "../github/client.ts";
import { type CommonOptions, info, printResult, warn } from "../output.ts";

export interface VersionOptions extends CommonOptions {
  /** Title of the pull request. @default - from GitHub, else from the commit's message */
  title?: string;
  /** Tag the commit and push the tag. @default false */
  push?: boolean;
}

/** The version of a commit. */
export interface Version {
  /** `vX.Y.Z-<short hash>` */
  version: string;
  /** Release tag that the version is counted from; undefined for the first. */
  previous?: string;
  /** Undefined if the commit had its tag already. */
  bump?: VersionPart;
  commit: string;
  title?: string;
}

/** A commit of the first-parent history: a merge, or a squashed one. */
interface Merge {
  commit: string;
  subject: string;
  body: string;
}

/**
 * Prints the version of HEAD: the last release tag of its first-parent history, incremented for each merge since then by the
 * merge's title. A later merge counts the earlier ones in, tagged or not, so two merges at once get two versions. A commit with a
 * release tag keeps it.
 *
 * @throws Failure if the title does not say what to increment, or the clone is shallow.
 */
export async function version(options: VersionOptions, root: string): Promise<void> {
  const git = await openRepository(root);
  const next = await nextVersion(git, options.title);
  const short = next.commit.slice(0, 7);
  if (options.push && options.dryRun) info(`Would tag ${short} as ${next.version} and push the tag.`);
  else if (options.push) {
    await pushTag(git, next.version, next.commit);
    info(`Tagged ${short} as ${next.version}.`);
  }
  printResult(options, next, next.version);
}

/** @param givenTitle title of HEAD's pull request. @default - from GitHub, else from the commit's message */
export async function nextVersion(git: Git, givenTitle?: string): Promise<Version> {
  if ((await git.text("rev-parse", "--is-shallow-repository")) === "true") {
    throw new Failure(
      "version: this clone is shallow, so versions cannot be counted. Fetch the history: git fetch --unshallow --tags (in CI: fetch-depth 0).",
    );
  }
  await fetchTags(git);
  const tags = await listReleaseTags(git);
  const commit = await git.findCommit("HEAD");
  if (commit === undefined) throw new Failure("version: the repository has no commits yet.");
  const own = tags.get(commit)?.at(-1);
  if (own !== undefined) return { version: own, commit };

  const { merges, previous } = await listMerges(git, tags);
  const [head, ...earlier] = merges;
  if (head === undefined) throw new Error(`${commit} is not in its own log`);
  if (isRecord(head)) {
    throw new Failure(
      `version: ${commit.slice(0, 7)} is the record of a deploy, not a change to release. Check out the merge before it.`,
    );
  }
  const source: TitleSource = { github: await GitHub.connect(git) };
  const title = givenTitle ?? (await readTitle(head, source));
  const bump = versionPartFromTitle(title);
  if (bump === undefined) throw new Failure(titleFault(title));

  // Another branch may have used the same numbers.
  const taken = new Set([...tags.values()].flat().map(versionNumbers));
  const nextFree = (numbers: string, part: VersionPart): string => {
    const next = incrementVersion(numbers, part);
    return taken.has(next) ? nextFree(next, "patch") : next;
  };
  let numbers = (previous && versionNumbers(previous)) ?? "0.0.0";
  // Oldest first. The first release of a repository counts HEAD only.
  for (const merge of previous ? earlier.reverse() : []) {
    const part = isRecord(merge) ? undefined : versionPartFromTitle(await readTitle(merge, source));
    if (part) numbers = nextFree(numbers, part);
  }
  numbers = nextFree(numbers, bump);
  return { version: `v${numbers}-${commit.slice(0, 7)}`, ...(previous && { previous }), bump, commit, title };
}

async function fetchTags(git: Git): Promise<void> {
  if (!(await git.hasRemote())) return;
  try {
    await git.run("fetch", REMOTE, "--tags", "--quiet");
  } catch (error) {
    warn(`version: tags cannot be fetched from ${REMOTE} (${gitErrorReason(error)}); the local tags are used.`);
  }
}

/** Release tags by commit, in ascending order. A tag that was moved away from the commit that its name contains does not count. */
async function listReleaseTags(git: Git): Promise<Map<string, string[]>> {
  const format = "%(refname:strip=2) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)";
  const lines = await git.text("for-each-ref", "refs/tags/v*", "--sort=v:refname", `--format=${format}`);
  const tags = new Map<string, string[]>();
  for (const line of lines.split("\n")) {
    const [name = "", commit = ""] = line.split(" ");
    const hash = commitHash(name);
    if (versionNumbers(name) === undefined || (hash !== undefined && !commit.startsWith(hash))) continue;
    tags.set(commit, [...(tags.get(commit) ?? []), name]);
  }
  return tags;
}

/** HEAD and the merges before it, newest first, back to the last release tag. */
async function listMerges(
  git: Git,
  tags: Map<string, string[]>,
): Promise<{ merges: Merge[]; previous: string | undefined }> {
  const log = await git.run("log", "--first-parent", "--format=%H%x1f%s%x1f%b%x1e", "HEAD");
  const merges: Merge[] = [];
  for (const entry of log.split("\x1e")) {
    const [commit = "", subject = "", body = ""] = entry.trim().split("\x1f");
    const previous = tags.get(commit)?.at(-1);
    if (previous !== undefined) return { merges, previous };
    if (commit !== "") merges.push({ commit, subject, body });
  }
  return { merges, previous: undefined };
}

function isRecord({ body }: Merge): boolean {
  return body.split("\n").some((line) => line.startsWith(`${RECORD_TRAILER}: `));
}

/** Where titles come from. GitHub is removed after its first failure: each further request would wait for the timeout. */
interface TitleSource {
  github: GitHub | undefined;
}

/** The title of a merge's pull request: GitHub's, which can be edited after the merge, else the one in the commit's message. */
async function readTitle(merge: Merge, source: TitleSource): Promise<string> {
  try {
    const pullRequest = await source.github?.findPullRequest(merge.commit);
    if (pullRequest) return pullRequest.title;
  } catch (error) {
    source.github = undefined;
    warn(
      `version: GitHub does not give the pull request of ${merge.commit.slice(0, 7)} (${reasonOf(error)}); commit messages are used.`,
    );
  }
  // The title is in the body of a merge commit of GitHub or Bitbucket, and the subject of a squashed commit.
  const isMergeCommit = /^(Merge pull request #\d+|Merged in .+ \(pull request #\d+\))/.test(merge.subject);
  return isMergeCommit ? (merge.body.split("\n").find((line) => line.trim()) ?? merge.subject) : merge.subject;
}

function titleFault(title: string): string {
  return (
    `version: the title "${title}" does not say what kind of change this is. Put [major], [minor] or [patch] into the pull ` +
    'request\'s title, such as "[minor] Add gift cards", or write it as a conventional commit ("feat: add gift cards" is minor, ' +
    '"fix: …" and the other types are patch, "feat!: …" is major). Then run this again.'
  );
}
