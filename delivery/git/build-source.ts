import type { StackEnvironment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { buildsImages, findImages } from "../images.ts";
import type { Git } from "./repository.ts";
import { commitHash } from "./version-number.ts";

/**
 * Checks that images which the update will build are built from the commit that their release names: a tag is pushed once, and
 * every other environment runs those bytes. Images in the registry are not built, and a release without a hash names no commit.
 *
 * @throws Failure if a folder that is to be built differs from that commit.
 */
export async function checkBuildSource(git: Git, environment: StackEnvironment): Promise<void> {
  const hashed = environment.services.filter(({ release }) => commitHash(release) !== undefined);
  if (!buildsImages(environment) || hashed.length === 0) return;
  const images = await findImages(environment, hashed);
  const missing = hashed.filter(({ name }) =>
    images.some(({ service, digest }) => service === name && digest === undefined),
  );
  for (const { name, release, context } of missing) {
    const commit = commitHash(release) ?? "";
    if ((await git.findCommit(commit)) === undefined) {
      throw new Failure(
        `services.${name}: the registry does not have ${release}, and git does not know its commit ${commit}; nothing was changed. ` +
          "Fetch it: git fetch --all",
      );
    }
    if (await isUnchanged(git, commit, context)) continue;
    throw new Failure(
      `services.${name}: the registry does not have ${release}, and ${context} differs from commit ${commit}, so the image would ` +
        `be built from other files. Nothing was changed. Check the commit out (git switch --detach ${commit}), or deploy a release ` +
        "with a name of your own.",
    );
  }
}

/** Compares the working tree, untracked files included, because images are built from it. */
async function isUnchanged(git: Git, commit: string, folder: string): Promise<boolean> {
  const changed = await git.text("diff", "--name-only", commit, "--", folder);
  const untracked = await git.text("ls-files", "--others", "--exclude-standard", "--", folder);
  return changed === "" && untracked === "";
}
