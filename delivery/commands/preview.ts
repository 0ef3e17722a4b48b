import type { GitOpsConfig } from "../../config/environment.ts";
import { detectCiRun } from "../ci.ts";
import { type Changes, readChanges } from "../engine/changes.ts";
import { readEventLog } from "../engine/event-log.ts";
import { previewStack } from "../engine/preview.ts";
import type { EngineResult } from "../engine/run.ts";
import { refuseUndeclaredProviders } from "../engine/state-providers.ts";
import { unfinishedLogReason, unfinishedReason } from "../engine/unfinished.ts";
import { readEnvironment, requireServices } from "../environment.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure, reasonOf } from "../failure.ts";
import { type Git, openRepository } from "../git/repository.ts";
import { GitHub } from "../github/client.ts";
import { commentMarker, hasNoChanges, previewComment } from "../github/preview-comment.ts";
import { tellMigrations } from "../gitops/migration-history.ts";
import { type ManifestsPreview, previewManifests } from "../gitops/preview-manifests.ts";
import { RenderedManifests, renderTargets } from "../gitops/render-manifests.ts";
import { type CommonOptions, info, printResult, warn } from "../output.ts";
import { assignRelease, formatReleases } from "../releases.ts";
import { redact } from "../secrets.ts";
import { readReleases, readStackFile, setReleases } from "../stack-file.ts";
import { formatManifests } from "../terminal/manifests-text.ts";
import { planOf } from "../terminal/plan.ts";
import { formatPlan } from "../terminal/plan-text.ts";

export interface PreviewOptions extends CommonOptions {
  stack: string;
  /** Preview the deploy of this release, without changing the stack's file. @default - what the file says */
  release?: string;
  /** Services that get the release. @default - all */
  service?: string[];
  /** Print Markdown. @default - unless standard output is a terminal */
  markdown?: boolean;
  /** Print the engine's own lines. @default false */
  verbose?: boolean;
  /** Write the preview as a comment on the pull request. @default false */
  comment?: boolean;
  /** @default - the one that CI builds */
  pullRequest?: number;
  /** File of `pulumi preview --event-log`, to be read instead of running a preview. */
  events?: string;
}

interface Preview {
  changes: Changes;
  /** Why the preview failed. */
  failure?: string;
  /** What a deploy would commit, of a stack whose services Argo CD rolls out. */
  manifests?: ManifestsPreview;
}

/**
 * Prints what an update would change: for a terminal, or as Markdown. With `comment`, also creates or updates a comment on the pull request.
 *
 * @throws Failure if the preview failed or did not come to its end; the comment reports that too.
 */
export async function preview(options: PreviewOptions, root: string): Promise<void> {
  const { stack } = options;
  const git = await openRepository(root).catch(() => undefined);
  const run = await detectCiRun(git, root);
  const found = options.events ? readRecordedPreview(options.events) : await runPreview(options, root);
  const { changes, failure } = found;
  const markdown = redact(previewComment({ stack, ...found, ...(run.url && { url: run.url }) }));
  if (options.comment) await comment(git, options.pullRequest ?? run.pullRequest, markdown, options, found);
  const { services, resources, unchanged, migrations } = changes;
  const summary = {
    stack,
    services,
    changes: resources.map(({ differences: _, ...rest }) => rest),
    unchanged,
    migrations,
    ...(found.manifests && { manifests: found.manifests }),
    markdown,
  };
  const error = failure && `The preview of ${stack} failed: ${failure}`;
  printResult(
    options,
    { ...summary, ...(error && { error }) },
    options.comment ? "" : textFor(options, found, markdown),
  );
  if (error === undefined) return;
  if (!options.json) throw new Failure(error);
  // The object that is printed contains it.
  info(error);
  process.exitCode = EXIT.refused;
}

/** CI and scripts get Markdown; a person gets what fits a terminal. */
function textFor(
  { markdown: wanted }: PreviewOptions,
  { changes, failure, manifests }: Preview,
  markdown: string,
): string {
  if (wanted || !process.stdout.isTTY) return markdown;
  if (manifests && !failure) return formatManifests(manifests, process.stdout);
  return formatPlan({ ...planOf(changes), ...(failure && { failure }) }, process.stdout);
}

async function runPreview({ stack, release, service = [], verbose }: PreviewOptions, root: string): Promise<Preview> {
  const text = readStackFile(root, stack);
  if (service.length > 0) requireServices(readEnvironment(root, stack, text), service);
  if (service.length > 0 && release === undefined) {
    throw new Failure("--service selects the services that get a release. Add --release <tag>.");
  }
  const edited =
    release === undefined ? text : setReleases(text, stack, assignRelease(readReleases(text), release, service));
  await refuseUndeclaredProviders(root, stack);
  const onLine = process.stdout.isTTY && !verbose ? () => {} : undefined;
  const { gitops } = readEnvironment(root, stack, edited).config;
  if (gitops) return previewCommit({ root, stack, edited, gitops, onLine });
  return previewFrom(await previewStack(root, stack, edited, onLine));
}

/** As a deploy does it: renders, asks no cluster, and compares with the manifests repository. */
async function previewCommit({
  root,
  stack,
  edited,
  gitops,
  onLine,
}: {
  root: string;
  stack: string;
  edited: string;
  gitops: GitOpsConfig;
  onLine: (() => void) | undefined;
}): Promise<Preview> {
  const rendered = new RenderedManifests();
  try {
    await tellMigrations(rendered, readEnvironment(root, stack, edited).config);
    const command = { environment: rendered.environment, targets: renderTargets(stack) };
    const found = previewFrom(await previewStack(root, stack, edited, onLine, command));
    if (found.failure !== undefined) return found;
    const { services } = readEnvironment(root, stack, edited);
    const release = formatReleases(readReleases(edited));
    return { ...found, manifests: await previewManifests(gitops, { stack, release, services, rendered }) };
  } finally {
    rendered.remove();
  }
}

function previewFrom(result: EngineResult): Preview {
  const reported = result.isComplete || result.events.some(({ resourcePreEvent }) => resourcePreEvent);
  return previewOf(readChanges(result.events), unfinishedReason(result) ?? (reported ? undefined : NO_RESULT));
}

/** An engine that ends without any event has found nothing out, whatever its exit code. */
const NO_RESULT = "The engine ended without reporting what it found. It may have been killed.";

function previewOf(changes: Changes, failure: string | undefined): Preview {
  return { changes, ...(failure && { failure }) };
}

function readRecordedPreview(file: string): Preview {
  const log = readEventLog(file);
  if (log.events.length === 0) {
    throw new Failure(
      `--events ${file}: it contains no engine events. Create it with: pulumi preview --event-log ${file}`,
    );
  }
  const changes = readChanges(log.events);
  // Without its end, a log does not say that there are no changes.
  const isUncertain = !log.isComplete && hasNoChanges(changes);
  return previewOf(changes, unfinishedLogReason(log) ?? (isUncertain ? NO_RESULT : undefined));
}

async function comment(
  git: Git | undefined,
  pullRequest: number | undefined,
  markdown: string,
  { stack, dryRun = false }: PreviewOptions,
  { changes, failure, manifests }: Preview,
): Promise<void> {
  if (pullRequest === undefined) {
    throw new Failure("preview --comment: this is not a build of a pull request. Name one with --pull-request.");
  }
  const github = await GitHub.connect(git);
  if (github === undefined) {
    throw new Failure(
      "preview --comment: GITHUB_TOKEN is not set, or the repository is not on GitHub. Set GITHUB_TOKEN, and GITHUB_REPOSITORY if the remote is not on GitHub.",
    );
  }
  const isOptional = hasNoChanges(changes, manifests) && failure === undefined;
  try {
    await upsertComment(github, pullRequest, markdown, { stack, isOptional, dryRun });
  } catch (error) {
    warn(
      `The comment on #${pullRequest} could not be written: ${reasonOf(error)}. The preview itself is complete. ` +
        `To retry: npm run slipway -- preview --stack ${stack} --comment --pull-request ${pullRequest}`,
    );
  }
}

/** Creates or updates the stack's comment. One that is optional is not created, but an earlier one is updated. */
async function upsertComment(
  github: GitHub,
  pullRequest: number,
  markdown: string,
  { stack, isOptional, dryRun }: { stack: string; isOptional: boolean; dryRun: boolean },
): Promise<void> {
  const existing = await github.findComment(pullRequest, commentMarker(stack));
  const action = existing ? (existing.body === markdown ? "keep" : "update") : isOptional ? "skip" : "create";
  if (dryRun) return info(`Would ${action} the comment on #${pullRequest}.`);
  if (action === "update" && existing) await github.updateComment(existing.id, markdown);
  if (action === "create") await github.createComment(pullRequest, markdown);
  const outcome = { keep: "unchanged", update: "updated", skip: "none, nothing changes", create: "created" };
  info(`Comment on #${pullRequest}: ${outcome[action]}.`);
}
