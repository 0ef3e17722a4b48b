import { Failure } from "../failure.ts";
import { info } from "../output.ts";
import type { DeployRun } from "../run-folder.ts";
import { pushTag } from "./push.ts";
import type { Git } from "./repository.ts";

/** The git tag of a deploy. */
export interface DeployTag {
  /** `<stack>/<release>/<build number>` */
  name: string;
  /** The commit that was deployed. */
  commit: string;
}

/**
 * @param build build number. @default - the run's, else when the deploy began, such as 20260131T120000
 * @throws Failure if the deploy failed, or its commit is unknown.
 */
export function deployTagOf(run: DeployRun, build: string | undefined): DeployTag {
  const { stack, action, status, release, commit, startedAt } = run;
  if (status !== "succeeded") {
    throw new Failure(`tag: this ${action} of ${stack} failed, and only a successful deploy gets a tag`);
  }
  if (commit === undefined) throw new Failure("tag: the run does not say which commit was deployed");
  const number = build ?? run.build ?? startedAt.replaceAll(/[-:]/g, "").slice(0, 15);
  // The release of most services. Those of single services are in the record.
  return { name: `${stack}/${release.split(",")[0]}/${number}`, commit };
}

/** @throws Failure if the tag is on another commit already, or the remote cannot be reached or refuses. */
export async function pushDeployTag(git: Git, { name, commit }: DeployTag): Promise<void> {
  await pushTag(git, name, commit);
  info(`Tagged ${commit.slice(0, 7)} as ${name}.`);
}
