import { detectCiRun } from "../ci.ts";
import { deployTagOf, pushDeployTag } from "../git/deploy-tag.ts";
import { openRepository } from "../git/repository.ts";
import { type CommonOptions, info, printResult } from "../output.ts";
import { readRun } from "../run-folder.ts";

export interface TagOptions extends CommonOptions {
  stack: string;
  /** Folder that a deploy wrote. @default - the stack's newest */
  run?: string;
  /** @default - CI's, else when the deploy began, such as 20260131T120000 */
  build?: string;
}

/** Pushes the git tag `<stack>/<release>/<build number>` for the commit that was deployed. */
export async function tag(options: TagOptions, root: string): Promise<void> {
  const { run } = readRun(root, options.stack, options.run);
  const git = await openRepository(root);
  const deployTag = deployTagOf(run, options.build ?? run.build ?? (await detectCiRun(git, root)).build);
  const { name, commit } = deployTag;
  if (options.dryRun) info(`Would tag ${commit.slice(0, 7)} as ${name} and push the tag.`);
  else await pushDeployTag(git, deployTag);
  printResult(options, { tag: name, commit }, name);
}
