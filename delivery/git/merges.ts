import { STACKS_FOLDER, stackOfFile } from "../../config/naming.ts";
import { RECORD_TRAILER } from "./record.ts";
import type { Git } from "./repository.ts";

/** A commit of the first-parent history: a merge, a squashed one, or one of a rebased pull request. */
export interface Merge {
  commit: string;
  /** None for the first commit of all. The first one is on the same branch. */
  parents: string[];
  subject: string;
  body: string;
  /** Name and address of the author. */
  author: string;
  /** Its message ends with the trailer of a record, as git itself reads trailers. */
  record: boolean;
}

/**
 * The first-parent history of a commit, newest first.
 *
 * @param most number of commits. @default - all
 */
export async function listMerges(git: Git, from: string, most?: number): Promise<Merge[]> {
  const count = most === undefined ? [] : [`--max-count=${most}`];
  const log = await git.run("log", "--first-parent", "-z", ...count, `--format=${FORMAT}`, from);
  const fields = log.split("\0");
  return Array.from({ length: Math.floor(fields.length / FIELDS.length) }, (_, at) => {
    const [commit = "", parents = "", author = "", subject = "", body = "", recordOf = ""] = fields.slice(
      at * FIELDS.length,
    );
    const record = recordOf.trim() !== "";
    return { commit, parents: parents.split(" ").filter(Boolean), subject, body: body.trim(), author, record };
  });
}

/** With zero bytes between them, which no text of a commit can have. */
const FIELDS = ["%H", "%P", "%an <%ae>", "%s", "%b", `%(trailers:key=${RECORD_TRAILER},valueonly)`];
const FORMAT = FIELDS.join("%x00");

/** Merge commits that have the title in their subject: Azure DevOps, Bitbucket Data Center, Gitea. */
const TITLE_IN_SUBJECT =
  /^(?:Merged PR \d+: |Pull request #\d+: |Merge pull request '(?=.+' \(#\d+\) from ))(?<title>.+?)(?:' \(#\d+\) from .+)?$/;

/** Merge commits that have it in their body: GitHub, Bitbucket, GitLab. */
const TITLE_IN_BODY = /^(?:Merge pull request #\d+ from|Merged in .+ \(pull request #\d+\)$|Merge branch '.+' into )/;

/** The title of a merge's pull request, as its message has it. Of a squashed commit it is the subject. */
export function titleOf({ subject, body }: Merge): string {
  const { title } = TITLE_IN_SUBJECT.exec(subject)?.groups ?? {};
  return title ?? (TITLE_IN_BODY.test(subject) ? (firstLine(body) ?? subject) : subject);
}

/** Subjects of records. The title of a pull request that contains a record is the same. */
const RECORD_TITLE =
  /^(?:Revert: )?(?:(?:Deploy|Release|Promote) .+ to \S+|Restart .+ of \S+|Roll \S+ back to .+?)(?: \(#\d+\))?$/;

/**
 * Whether a merge is no more than the record of a deploy. It changes nothing but stacks' files, and is either the record's commit
 * or was merged under the record's title. A feature whose branch had records is not: GitHub puts the messages of all its commits
 * into the message of a squash merge.
 */
export async function isRecord(git: Git, merge: Merge): Promise<boolean> {
  // A squash merge of a feature and a record ends with the record's trailers too, below the text of the feature.
  const isOnlyRecord = merge.record && firstLine(merge.body)?.startsWith(`${RECORD_TRAILER}: `);
  if (!isOnlyRecord && !RECORD_TITLE.test(titleOf(merge))) return false;
  const [parent] = merge.parents;
  const range = parent === undefined ? ["--root", merge.commit] : [parent, merge.commit];
  const files = await git.text("diff-tree", "--no-commit-id", "--name-only", "-r", ...range);
  return files.split("\n").filter(Boolean).every(isStackFile);
}

/** Whatever folder of the repository the project is in. */
function isStackFile(file: string): boolean {
  const [folder, name = ""] = file.split("/").slice(-2);
  return folder === STACKS_FOLDER && stackOfFile(name) !== undefined;
}

function firstLine(text: string): string | undefined {
  return text.split("\n").find((line) => line.trim());
}
