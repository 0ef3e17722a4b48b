import { posix } from "node:path";
import type { StackEnvironment, StackService } from "../environment.ts";
import { Failure } from "../failure.ts";
import { buildsImages, findImages } from "../images.ts";
import { warn } from "../output.ts";
import { findReleaseCommit } from "./release-commit.ts";
import type { Git } from "./repository.ts";
import { openSourceFolder, type SourceFolder } from "./source-folder.ts";
import { commitHash } from "./version-number.ts";

/**
 * Checks that images which the update will build are built from the commit that their release names: a tag is pushed once, and
 * every other environment runs those bytes. Images in the registry are not built, and a release without a hash names no commit.
 * Warns about files that git cannot vouch for.
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
  for (const service of missing) await checkService(git, service);
}

async function checkService(git: Git, { name, release, context }: StackService): Promise<void> {
  if (context === undefined) return;
  const hash = commitHash(release) ?? "";
  const source = await openSourceFolder(git, context);
  if (source === undefined) {
    warn(
      `services.${name}: ${context} is not in this repository, so commit ${hash} does not say what is in it. ` +
        `The image of ${release} is built from the files that are there now.`,
    );
    return;
  }
  const commit = await findReleaseCommit(git, release);
  if (commit === undefined) {
    throw new Failure(
      `services.${name}: the registry does not have ${release}, and git does not know its commit ${hash}; nothing was changed. ` +
        "Fetch it: git fetch --all --tags (in a shallow clone with --unshallow).",
    );
  }
  const expected = await source.commitAt(commit);
  if (expected === undefined || !(await isUnchanged(source, expected))) {
    throw new Failure(
      `services.${name}: the registry does not have ${release}, and ${context} differs from commit ${hash}, so the image would ` +
        `be built from other files. Nothing was changed. Check the commit out (git switch --detach ${hash}, and for submodules ` +
        "git submodule update --recursive), or deploy a release with a name of your own.",
    );
  }
  const ignored = await listIgnored(source);
  if (ignored.length === 0) return;
  const shown = ignored.slice(0, 5).map((file) => posix.join(context, file));
  const more = ignored.length > shown.length ? ` and ${ignored.length - shown.length} more` : "";
  warn(
    `services.${name}: git ignores ${shown.join(", ")}${more}. If the Dockerfile copies them, the image of ${release} has files ` +
      `that are not in commit ${hash}. Add them to ${posix.join(context, ".dockerignore")}, or build in a fresh clone.`,
  );
}

/** Compares the working tree, untracked files included, because images are built from it. */
async function isUnchanged({ git, path }: SourceFolder, commit: string): Promise<boolean> {
  if ((await git.findCommit(commit)) === undefined) return false;
  const changed = await git.text("diff", "--name-only", "--ignore-submodules=none", commit, "--", path);
  const untracked = await git.text("ls-files", "--others", "--exclude-standard", "--", path);
  return changed === "" && untracked === "";
}

/** Files and folders that git ignores and .dockerignore does not, relative to the folder. */
async function listIgnored({ git, path }: SourceFolder): Promise<string[]> {
  const list = async (rules: string) => {
    const files = await git.text("ls-files", "--others", "--ignored", "--directory", rules, "--", path);
    return files.split("\n").filter(Boolean);
  };
  // git reads .dockerignore as if it were a .gitignore, which is close enough for a warning.
  const left = await list("--exclude-per-directory=.dockerignore");
  const isLeft = (file: string) =>
    left.some((other) => file === other || (other.endsWith("/") && file.startsWith(other)));
  const ignored = (await list("--exclude-standard")).filter((file) => !isLeft(file));
  return ignored.map((file) => posix.relative(path, file));
}
