import { SERVICES_FILE, stackFileOf } from "../../config/naming.ts";
import type { Git } from "./repository.ts";

/** What an update runs beside the images: the program, its packages, the charts and the config that stacks share. */
const DEPLOYED_FILES = [
  ...[
    "Pulumi.yaml",
    "index.ts",
    "components",
    "config",
    "charts",
    "tsconfig.json",
    "package.json",
    "package-lock.json",
  ],
  SERVICES_FILE,
];

/**
 * Files that an update of the stack deploys although no commit has them as they are: changed, staged or new ones.
 *
 * @param stackFile whether the stack's own file counts; not with --no-commit, which leaves it uncommitted.
 * @param texts files of the project whose text services get
 */
export async function listUncommitted(
  git: Git,
  stack: string,
  stackFile: boolean,
  texts: readonly string[] = [],
): Promise<string[]> {
  const named = texts.map((path) => `:(literal)${path}`);
  const files = [...DEPLOYED_FILES, ...(stackFile ? [stackFileOf(stack)] : []), ...named];
  const changed = await git.run("diff", "--name-only", "-z", "--relative", "HEAD", "--", ...files);
  const untracked = await git.run("ls-files", "-z", "--others", "--exclude-standard", "--", ...files);
  return [...new Set(`${changed}\0${untracked}`.split("\0").filter(Boolean))].sort();
}
