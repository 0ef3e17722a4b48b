import type { VersionRules } from "../../config/schema/versions.ts";
import type { BuiltPullRequest } from "../ci.ts";
import { reasonOf } from "../failure.ts";
import { type Merge, titleOf } from "../git/merges.ts";
import type { Git } from "../git/repository.ts";
import type { VersionPart } from "../git/version-number.ts";
import { versionPartFromTitle } from "../git/version-title.ts";
import { warn } from "../output.ts";
import { GitHub, type PullRequest } from "./client.ts";

/** A change that was merged, with what says how it counts. */
export interface MergedChange {
  /** The last commit of it. */
  commit: string;
  title: string;
  labels: readonly string[];
  /** Whether a bot made it, such as Dependabot. */
  isBot: boolean;
  /** Titles of its single commits, if a pull request was rebased. */
  subjects: readonly string[];
}

/** GitHub's pull requests. It is not asked again after the first failure: each further request would wait for the timeout. */
export class PullRequests {
  private github: GitHub | undefined;

  private constructor(github: GitHub | undefined) {
    this.github = github;
  }

  static async connect(git: Git): Promise<PullRequests> {
    return new PullRequests(await GitHub.connect(git));
  }

  /** The pull request that a commit came with; undefined if there is none, or GitHub cannot be asked. */
  async find(commit: string): Promise<PullRequest | undefined> {
    try {
      return await this.github?.findPullRequest(commit);
    } catch (error) {
      this.github = undefined;
      warn(
        `version: GitHub does not give the pull request of ${commit.slice(0, 7)} (${reasonOf(error)}); commit messages are used.`,
      );
      return undefined;
    }
  }
}

/**
 * The changes that merges brought. Commits of one pull request that was rebased are one change. The title is GitHub's, which can be
 * edited after the merge, else the one in the commit's message.
 *
 * @param merges newest first
 * @param given what is known of the first one
 */
export async function groupByPullRequest(
  merges: readonly Merge[],
  pullRequests: PullRequests,
  given: BuiltPullRequest | undefined,
): Promise<MergedChange[]> {
  const changes: (MergedChange & { number?: number })[] = [];
  for (const [index, merge] of merges.entries()) {
    const found = index === 0 && given ? undefined : await pullRequests.find(merge.commit);
    const last = changes.at(-1);
    if (last && found && last.number === found.number) {
      last.subjects = [...last.subjects, merge.subject];
      continue;
    }
    const { title, labels, isBot } = (index === 0 ? given : undefined) ??
      found ?? { title: titleOf(merge), labels: [], isBot: isBotName(merge.author) };
    const subjects = [merge.subject];
    changes.push({ commit: merge.commit, title, labels, isBot, subjects, ...(found && { number: found.number }) });
  }
  return changes;
}

/** How a change counts: by a label, its title, its commits, or as the patch of a bot. @returns undefined if nothing says it */
export function partOfChange(change: MergedChange, rules: VersionRules): VersionPart | undefined {
  const ofTitle = (title: string) => versionPartFromTitle(title, rules.titles);
  return (
    partOfLabels(change, rules) ??
    ofTitle(change.title) ??
    largest(change.subjects.map(ofTitle)) ??
    (change.isBot ? "patch" : undefined)
  );
}

/** `major`, `semver:minor`, `release/patch` */
const LABEL = /^(?:(?:semver|version|release|bump)\s*[:/_-]\s*)?(major|minor|patch)$/i;

/** Bots label how far a dependency goes, which says nothing about the project's own version. */
function partOfLabels({ labels, isBot }: MergedChange, rules: VersionRules): VersionPart | undefined {
  const known = isBot ? [] : labels.map((label) => LABEL.exec(label)?.[1]?.toLowerCase() as VersionPart | undefined);
  return largest([...labels.map((label) => rules.labels[label]), ...known]);
}

function largest(parts: readonly (VersionPart | undefined)[]): VersionPart | undefined {
  return (["major", "minor", "patch"] as const).find((part) => parts.includes(part));
}

/** `dependabot[bot]`, `renovate-bot`; as an author's name, a login or an address. */
export function isBotName(name: string): boolean {
  return /\[bot\]|\b(?:dependabot|renovate|snyk)(?:-bot|\b)/i.test(name);
}
