import { Failure } from "../failure.ts";
import { REMOTE } from "../git/repository.ts";
import { listUncommitted } from "../git/uncommitted.ts";
import { warn } from "../output.ts";
import { isStale } from "./compare.ts";
import { pushesRecord, type UpdateContext } from "./context.ts";

/** Files to name in a message. */
const MOST_FILES = 5;

/**
 * Program, charts and config are taken from the working tree.
 *
 * @returns the files that would be deployed as no commit has them, after a warning.
 * @throws Failure under --push: others would read a record of something that they cannot see.
 */
export async function checkUncommitted(context: UpdateContext): Promise<string[]> {
  const { git, options, environment } = context;
  const texts = environment.config.services.flatMap(({ files }) =>
    Object.values(files).flatMap((file) => (typeof file === "string" ? [] : [file.from])),
  );
  const files = git ? await listUncommitted(git, options.stack, options.commit !== false, texts) : [];
  if (files.length === 0) return [];
  const named = [
    ...files.slice(0, MOST_FILES),
    ...(files.length > MOST_FILES ? [`${files.length - MOST_FILES} more`] : []),
  ];
  if (pushesRecord(context)) {
    throw new Failure(
      `${named.join(", ")}: uncommitted, and this update would deploy it; nothing was changed. ` +
        "Commit it, put it aside (git stash --include-untracked), or leave --push out to deploy it as it is (--no-push in CI).",
    );
  }
  warn(`Uncommitted changes are deployed: ${named.join(", ")}. No other clone can repeat this update.`);
  return files;
}

/** Warns a person whose checkout is old. A job in CI deploys the commit that it was started for, which may be an older one. */
export async function warnIfStale(context: UpdateContext): Promise<void> {
  const { run, sources } = context;
  if (run.isCi || !sources.branch || !(await isStale(context))) return;
  warn(
    `This checkout is behind ${REMOTE}/${sources.branch.name}. Its config, charts and program are deployed as they are here. ` +
      `For the newest: git pull ${REMOTE} ${sources.branch.name}`,
  );
}
