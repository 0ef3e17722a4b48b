import { ConfigError } from "../../config/fault.ts";
import type { VersionRules } from "../../config/schema/versions.ts";
import { readVersionRules } from "../../config/version-rules.ts";
import { type BuiltPullRequest, readBuiltPullRequest } from "../ci.ts";
import { Failure } from "../failure.ts";
import { isRecord, listMerges, type Merge } from "../git/merges.ts";
import { pushTag } from "../git/push.ts";
import { fetchReleases, largestReleaseBetween, listReleaseTags, type ReleaseTags } from "../git/release-tags.ts";
import { type Git, openRepository, REMOTE } from "../git/repository.ts";
import { compareVersions, incrementVersion, type VersionPart, versionNumbers } from "../git/version-number.ts";
import { groupByPullRequest, type MergedChange, PullRequests, partOfChange } from "../github/merged-changes.ts";
import { type CommonOptions, info, printResult, warn } from "../output.ts";

export interface VersionOptions extends CommonOptions {
  /** Title of the pull request. @default - from CI or GitHub, else from the commit's message */
  title?: string;
  /** Tag the commit and push the tag. @default false */
  push?: boolean;
  /** Print nothing if the commit is the record of a deploy, and the change before it is released. @default false */
  onlyNew?: boolean;
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

/**
 * Prints the version of the last change: HEAD, or the commit before it if HEAD is the record of a deploy. It is the last release of
 * its first-parent history, incremented for each merge since then by the merge's title or label. A later merge counts the earlier
 * ones in, tagged or not, so two merges at once get two versions. A commit with a release tag keeps it.
 *
 * @throws Failure if nothing says what to increment and the config refuses that, or the history cannot be fetched.
 */
export async function version(options: VersionOptions, root: string): Promise<void> {
  const git = await openRepository(root);
  const next = await nextVersion(git, options);
  if (next === undefined) {
    info("version: nothing new. HEAD is the record of a deploy, and the change before it is released.");
    return printResult(options, {}, "");
  }
  const short = next.commit.slice(0, 7);
  if (options.push && options.dryRun) info(`Would tag ${short} as ${next.version} and push the tag.`);
  else if (options.push) {
    await pushTag(git, next.version, next.commit);
    info(`Tagged ${short} as ${next.version}.`);
  }
  printResult(options, next, next.version);
}

/** @returns undefined with `onlyNew`, if there is nothing new */
export async function nextVersion(
  git: Git,
  { title, onlyNew = false }: Pick<VersionOptions, "title" | "onlyNew"> = {},
): Promise<Version | undefined> {
  const rules = readRules(git.folder);
  await fetchHistory(git);
  const tags = await listReleaseTags(git);
  const head = await git.findCommit("HEAD");
  if (head === undefined) throw new Failure("version: the repository has no commits yet.");
  const merges = await withoutRecords(git, await listMerges(git, head), tags);
  const commit = merges[0]?.commit;
  if (commit === undefined) throw new Failure("version: there is no change to release, only the records of deploys.");
  const own = tags.get(commit)?.at(-1);
  if (own !== undefined) return onlyNew && commit !== head ? undefined : { version: own, commit };

  const end = merges.findIndex((merge) => tags.has(merge.commit));
  const previous = end === -1 ? undefined : merges[end];
  // The first release of a repository counts HEAD only.
  const counted = end === -1 ? merges.slice(0, 1) : merges.slice(0, end);
  const built = readBuiltPullRequest();
  const given = title === undefined ? built : { title, labels: [], isBot: false };
  const changes = await groupByPullRequest(counted, await PullRequests.connect(git), given);
  return { commit, ...(await count(git, { tags, previous, changes, rules, built })) };
}

function readRules(root: string): VersionRules {
  try {
    return readVersionRules(root);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Failure(error.message);
  }
}

async function fetchHistory(git: Git): Promise<void> {
  const isShallow = (await git.text("rev-parse", "--is-shallow-repository")) === "true";
  const reason = await fetchReleases(git, isShallow);
  if (reason === undefined) return;
  if (isShallow) {
    throw new Failure(
      `version: this clone is shallow, so versions cannot be counted, and ${REMOTE} does not give the rest (${reason}). ` +
        "Fetch the history: git fetch --unshallow --tags (in CI: fetch-depth 0).",
    );
  }
  warn(`version: tags cannot be fetched from ${REMOTE} (${reason}); the local tags are used.`);
}

/** The merges from the last change to the last release and that release, without the records of deploys. */
async function withoutRecords(git: Git, merges: readonly Merge[], tags: ReleaseTags): Promise<Merge[]> {
  const found: Merge[] = [];
  for (const merge of merges) {
    const isRelease = tags.has(merge.commit);
    if (isRelease || !(await isRecord(git, merge))) found.push(merge);
    if (isRelease) break;
  }
  return found;
}

interface Counted {
  tags: ReleaseTags;
  previous: Merge | undefined;
  /** Newest first. */
  changes: readonly MergedChange[];
  rules: VersionRules;
  built: BuiltPullRequest | undefined;
}

async function count(git: Git, { tags, previous, changes, rules, built }: Counted): Promise<Omit<Version, "commit">> {
  const [head] = changes;
  if (head === undefined) throw new Error("there is nothing to count");
  // Another branch may have used the same numbers.
  const taken = new Set([...tags.values()].flat().map(versionNumbers));
  const nextFree = (numbers: string, part: VersionPart): string => {
    const next = incrementVersion(numbers, part);
    return taken.has(next) ? nextFree(next, "patch") : next;
  };
  let base = previous && tags.get(previous.commit)?.at(-1);
  let numbers = (base && versionNumbers(base)) ?? "0.0.0";
  for (const change of [...changes].reverse()) {
    // A release branch that was merged back brings releases of its own.
    const brought = await largestReleaseBetween(git, tags, previous?.commit, change.commit);
    const broughtNumbers = brought && versionNumbers(brought);
    if (broughtNumbers && compareVersions(broughtNumbers, numbers) > 0) [base, numbers] = [brought, broughtNumbers];
    const part = partOfChange(change, rules) ?? defaultPart(rules);
    if (part !== undefined && change !== head) numbers = nextFree(numbers, part);
  }
  const bump = partOfChange(head, rules) ?? partOfSilent(head, rules, built);
  const short = await git.text("rev-parse", "--short=7", head.commit);
  return {
    version: `v${nextFree(numbers, bump)}-${short}`,
    ...(base && { previous: base }),
    bump,
    title: head.title,
  };
}

function defaultPart({ default: part }: VersionRules): VersionPart | undefined {
  return part === "refuse" ? undefined : part;
}

/** For a change that says nothing. A pull request that is still open is only warned about: its preview must not wait for a title. */
function partOfSilent({ title }: MergedChange, rules: VersionRules, built: BuiltPullRequest | undefined): VersionPart {
  const fault = `version: the title "${title}" does not say what kind of change this is`;
  const advice =
    'Put [major], [minor] or [patch] into the pull request\'s title, such as "[minor] Add gift cards", write it as a conventional ' +
    'commit ("feat: add gift cards" is minor, "fix: …" is patch, "feat!: …" is major), or set the label major, minor or patch. ' +
    "versions in stacks/services.yaml takes your own words.";
  const part = defaultPart(rules);
  if (part !== undefined) {
    info(`${fault}; it counts as ${part}. ${advice}`);
    return part;
  }
  if (built === undefined) throw new Failure(`${fault}. ${advice} Then run this again.`);
  warn(`${fault}, so its merge will get no version. ${advice}`);
  return "patch";
}
