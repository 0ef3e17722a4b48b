import type { SimpleGit } from "simple-git";
import type { StackEnvironment } from "../environment.ts";
import { Failure } from "../failure.ts";
import { buildsImages, findImages } from "../images.ts";
import { commitHash } from "./version-bump.ts";

/**
 * A release that names its commit must be built of that commit: its tag is set once, and every other environment runs those
 * bytes. What the registry holds is not built, and a release without a hash says nothing of where it comes from.
 *
 * @throws Failure if images are to be built, and their folders are not as that commit has them.
 */
export async function checkBuildSource(git: SimpleGit, environment: StackEnvironment): Promise<void> {
  const hashed = environment.services.filter(({ release }) => commitHash(release) !== undefined);
  if (!buildsImages(environment) || hashed.length === 0) return;
  const images = await findImages(environment, hashed);
  const missing = hashed.filter(({ name }) =>
    images.some(({ service, digest }) => service === name && digest === undefined),
  );
  for (const { name, release, context } of missing) {
    const commit = commitHash(release) ?? "";
    const known = await git.raw(["rev-parse", "--verify", "--quiet", `${commit}^{commit}`]).catch(() => "");
    if (known.trim() === "") {
      throw new Failure(
        `services.${name}: the registry lacks ${release}, and git does not know ${commit} to build it of; nothing was changed. Fetch it: git fetch --all`,
      );
    }
    if (await isAsIn(git, commit, context)) continue;
    throw new Failure(
      `services.${name}: the registry lacks ${release}, and ${context} is not as ${commit} has it: other bytes would get that ` +
        `tag for ever. Nothing was changed. Check the commit out (git switch --detach ${commit}), or deploy a release of your own name.`,
    );
  }
}

/** The working tree counts, for images are built of it: files that git does not track included. */
async function isAsIn(git: SimpleGit, commit: string, folder: string): Promise<boolean> {
  const changed = await git.raw(["diff", "--name-only", commit, "--", folder]);
  const untracked = await git.raw(["ls-files", "--others", "--exclude-standard", "--", folder]);
  return changed.trim() === "" && untracked.trim() === "";
}
