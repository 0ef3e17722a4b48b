import { uploadArtifacts } from "../artifacts/upload.ts";
import { reasonOf } from "../failure.ts";
import { deployTagOf, pushDeployTag } from "../git/deploy-tag.ts";
import { info, warn } from "../output.ts";
import type { StoredRun } from "../run-folder.ts";
import { ARGO_CD_NOTIFIES, notifyDeploy } from "../slack/notify.ts";
import type { UpdateContext } from "./context.ts";

/**
 * Uploads the artifacts, pushes the git tag and notifies Slack. If a step fails, the update stands and a warning gives the command
 * to retry the step.
 */
export async function followUp({ options, git, run, environment }: UpdateContext, stored: StoredRun): Promise<void> {
  const { stack } = options;
  const { action, status, bucket } = stored.run;
  const effect = status === "succeeded" ? `The ${action} stands.` : `This did not affect the ${action}.`;
  const retry = (command: string) =>
    `${effect} To retry: npm run slipway -- ${command} --stack ${stack} --run ${stored.folder}`;
  const attempt = async (command: string, what: string, step: () => Promise<unknown>) => {
    try {
      await step();
    } catch (error) {
      warn(`${what}: ${reasonOf(error)}. ${retry(command)}`);
    }
  };
  if (options.artifacts !== false && bucket) {
    await attempt("artifacts", "Artifacts were not uploaded", () => uploadArtifacts(environment, stored, {}));
  }
  const tags = options.tag !== false && status === "succeeded" && git && (options.push ?? run.isCi);
  if (tags && stored.run.uncommitted) {
    warn("No git tag was pushed, because no commit has what was deployed: it had uncommitted changes.");
  } else if (tags) {
    await attempt("tag", "The git tag was not pushed", async () =>
      pushDeployTag(git, deployTagOf(stored.run, run.build), options.branch),
    );
  }
  if (options.notify === false) return;
  if (stored.run.manifests?.argoCdNotifies) info(ARGO_CD_NOTIFIES);
  else await notifyDeploy(git, run, stored, retry("notify"));
}
