import type { SimpleGit } from "simple-git";
import { detectCiRun } from "../ci.ts";
import { Failure } from "../failure.ts";
import { openRepository, pushTag } from "../git/repository.ts";
import { type CommonOptions, printResult, info } from "../output.ts";
import { type DeployRun, readRun } from "../run-folder.ts";

export interface TagOptions extends CommonOptions {
  stack: string;
  /** Folder that a deploy wrote. @default - the stack's newest */
  run?: string;
  /** @default - CI's, else when the deploy began, such as 20260131T120000 */
  build?: string;
}

/** Pushes `<env>/<release>/<build number>` onto the commit that was deployed. */
export async function tag(options: TagOptions, root: string): Promise<void> {
  const { run } = readRun(root, options.stack, options.run);
  const git = await openRepository(root);
  const build = options.build ?? run.build ?? (await detectCiRun(git, root)).build;
  const { name } = demandTag(run, build);
  if (options.dryRun) info(`Would tag ${run.commit?.slice(0, 7)} as ${name} and push the tag.`);
  else await pushDeployTag(git, run, build);
  printResult(options, { tag: name, commit: run.commit }, name);
}

/** @throws Failure if the deploy failed, or the tag is on another commit already, or the remote refuses. */
export async function pushDeployTag(git: SimpleGit, run: DeployRun, build: string | undefined): Promise<void> {
  const { name, commit } = demandTag(run, build);
  await pushTag(git, name, commit);
  info(`Tagged ${commit.slice(0, 7)} as ${name}.`);
}

/** @throws Failure if there is nothing that runs to be tagged. */
function demandTag(run: DeployRun, build: string | undefined): { name: string; commit: string } {
  if (run.status !== "succeeded") {
    throw new Failure(`tag: this ${run.action} of ${run.stack} failed; only what runs is tagged`);
  }
  if (run.commit === undefined) throw new Failure("tag: the run does not say which commit was deployed");
  return { name: tagNameOf(run, build), commit: run.commit };
}

/** The release of most services names the tag; what else runs beside it is in the record. */
function tagNameOf({ stack, release, build, startedAt }: DeployRun, given: string | undefined): string {
  return `${stack}/${release.split(",")[0]}/${given ?? build ?? startedAt.replaceAll(/[-:]/g, "").slice(0, 15)}`;
}
