import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { detectCiRun } from "../ci.ts";
import { type Changes, readChanges } from "../engine/changes.ts";
import { readEvents, runEngine } from "../engine/run.ts";
import { requireServices, readEnvironment } from "../environment.ts";
import { Failure, reasonOf } from "../failure.ts";
import { openRepository } from "../git/repository.ts";
import { GitHub } from "../github/client.ts";
import { hasNoChanges, commentMarker, previewComment } from "../github/preview-comment.ts";
import { type CommonOptions, printResult, info, warn } from "../output.ts";
import { redact } from "../secrets.ts";
import { assignRelease, readStackFile, readReleases, setReleases } from "../stack-file.ts";

export interface PreviewOptions extends CommonOptions {
  stack: string;
  /** Preview as if this release were deployed. The stack's file stays as it is. @default - what the file says */
  release?: string;
  /** Services that get it. @default - all */
  service?: string[];
  /** Put it on the pull request. @default false */
  comment?: boolean;
  /** @default - the one that CI builds */
  pullRequest?: number;
  /** Events that `pulumi preview --event-log` wrote, in place of a preview. */
  events?: string;
}

interface Preview {
  changes: Changes;
  /** Why it failed. */
  failure?: string;
}

/**
 * What an update would change, as Markdown; with `comment`, as a comment of a pull request that is updated in place.
 *
 * @throws Failure if the preview failed; the comment says so, too.
 */
export async function preview(options: PreviewOptions, root: string): Promise<void> {
  const { stack } = options;
  const git = await openRepository(root).catch(() => undefined);
  const run = await detectCiRun(git, root);
  const { changes, failure } = options.events ? recorded(options.events) : await look(options, root);
  const markdown = redact(
    previewComment({ stack, changes, ...(failure && { failure }), ...(run.url && { url: run.url }) }),
  );
  if (options.comment) {
    const pullRequest = options.pullRequest ?? run.pullRequest;
    if (pullRequest === undefined)
      throw new Failure("preview --comment: this is no build of a pull request. Name one by --pull-request.");
    const github = await GitHub.connect(git);
    if (github === undefined)
      throw new Failure(
        "preview --comment: GITHUB_TOKEN is not set, or the repository is none of GitHub's. Set it (and GITHUB_REPOSITORY).",
      );
    try {
      await put(github, pullRequest, markdown, {
        stack,
        quiet: hasNoChanges(changes) && failure === undefined,
        dryRun: options.dryRun ?? false,
      });
    } catch (error) {
      warn(
        `The comment on #${pullRequest} could not be written: ${reasonOf(error)}. The preview stands. Run again when that is mended: npm run slipway -- preview --stack ${stack} --comment --pull-request ${pullRequest}`,
      );
    }
  }
  const { services, resources, unchanged } = changes;
  const summary = {
    stack,
    services,
    changes: resources.map(({ differences: _, ...rest }) => rest),
    unchanged,
    markdown,
  };
  // One object: with a failure that is the failure's.
  if (failure === undefined || !options.json) printResult(options, summary, options.comment ? "" : markdown);
  if (failure !== undefined) throw new Failure(`The preview of ${stack} failed: ${failure}`);
}

async function look({ stack, release, service = [] }: PreviewOptions, root: string): Promise<Preview> {
  const text = readStackFile(root, stack);
  if (service.length > 0) requireServices(readEnvironment(root, stack, text), service);
  if (service.length > 0 && release === undefined) {
    throw new Failure("--service: says which services get a release. Give it by --release.");
  }
  const folder = mkdtempSync(join(tmpdir(), "slipway-preview-"));
  try {
    // The engine may write into the file that it is given, and the record in git must not suffer that.
    const configFile = join(folder, `Pulumi.${stack}.yaml`);
    writeFileSync(
      configFile,
      release === undefined ? text : setReleases(text, stack, assignRelease(readReleases(text), release, service)),
    );
    const run = await runEngine({ root, stack, args: ["preview"], configFile });
    const changes = readChanges(run.events);
    return {
      changes,
      ...(!run.ok && { failure: changes.problems.join("\n") || (run.log.trim().split("\n").at(-1) ?? "") }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function recorded(file: string): Preview {
  const events = readEvents(file);
  if (events.length === 0)
    throw new Failure(
      `--events ${file}: there are no engine events in it. Write them by: pulumi preview --event-log ${file}`,
    );
  const changes = readChanges(events);
  return { changes, ...(changes.problems.length > 0 && { failure: changes.problems.join("\n") }) };
}

/** Silent when there is nothing to say, unless an older comment says otherwise. */
async function put(
  github: GitHub,
  pullRequest: number,
  markdown: string,
  { stack, quiet, dryRun }: { stack: string; quiet: boolean; dryRun: boolean },
): Promise<void> {
  const comment = await github.findComment(pullRequest, commentMarker(stack));
  const what = comment ? (comment.body === markdown ? "leave" : "update") : quiet ? "make no" : "create";
  if (dryRun) return info(`Would ${what} comment on #${pullRequest}.`);
  if (what === "update" && comment) await github.updateComment(comment.id, markdown);
  if (what === "create") await github.createComment(pullRequest, markdown);
  info(
    `Comment on #${pullRequest}: ${{ leave: "as it was", update: "updated", "make no": "none, nothing changes", create: "created" }[what]}.`,
  );
}
