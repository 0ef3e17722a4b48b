import type { GitOpsConfig } from "../../config/environment.ts";
import { Failure } from "../failure.ts";
import { info } from "../output.ts";
import type { ServiceOutcome } from "../service-outcome.ts";
import { collectManifests, manifestsFolderIn, REMOVED } from "./collect-manifests.ts";
import type { Deploy } from "./deploy-commit.ts";
import { type DeployPullRequest, openDeployPullRequest } from "./deploy-pull-request.ts";
import { type Manifests, withManifests } from "./manifests-repository.ts";
import { jobOfFile } from "./migration-history.ts";
import { deployBranch } from "./proposed-deploy.ts";
import { refuseWorkloadChange } from "./refuse-workload-change.ts";
import type { RenderedManifests } from "./render-manifests.ts";

/** What the manifests repository has after a deploy. */
export interface PublishedManifests {
  repository: string;
  branch: string;
  /** The commit that Argo CD rolls out. */
  commit: string;
  /** The branch's commit before. Undefined if there was none. */
  previous?: string;
  /** Services that it changes. None if the branch already had all of it. */
  services: ServiceOutcome[];
  /** Services that Argo CD must have rolled out for the deploy to be over: those that it changes, or all if an earlier one committed it. */
  waitFor: string[];
  /** Jobs of migrations that the services' rollouts wait for, by service. */
  jobs: Record<string, string>;
  /** The commit waits for its review, and is not on the branch. */
  review?: DeployPullRequest;
}

export interface Publication {
  source: GitOpsConfig;
  rendered: RenderedManifests;
  /** Services that the stack runs after the deploy. */
  services: readonly { name: string; release: string }[];
  subject: string;
  deploy: Omit<Deploy, "services">;
  /** Overwrite files that somebody has edited by hand. @default false */
  overwriteEdits?: boolean;
}

/**
 * Commits the manifests of all services in one commit.
 *
 * @throws Failure if the repository cannot be reached, if it refuses the commit, if a service would get another kind of workload, or if
 * somebody has edited a file by hand that it would overwrite. Then nothing was changed.
 */
export function publishManifests(publication: Publication): Promise<PublishedManifests> {
  const { source, services, subject, deploy } = publication;
  return withManifests(source, async (manifests) => {
    const previous = manifests.head;
    const { releases: before, removed, missing } = await collectManifests(manifests, publication);
    const [first] = missing;
    if (first !== undefined) throw new Failure(`${first} was not rendered, so nothing was committed. Run this again.`);
    await refuseWorkloadChange(manifests, services, publication.rendered);
    await refuseHandEdits(manifests, publication);
    const all = services.map(({ name }) => name);
    const jobs = jobsOf(all, publication.rendered);
    const begun = await manifests.changedFolders();
    const message = {
      subject,
      deploy: { ...deploy, services: [...removed, ...all].filter((name) => begun.has(name)) },
    };
    const { repository, branch } = source;
    const proposal =
      source.review === "pull-request"
        ? await manifests.propose(deployBranch(deploy.stack, deploy.release), message)
        : undefined;
    const pushed = source.review === "pull-request" ? proposal : await manifests.commitAndPush(message);
    if (pushed === undefined) {
      info(`${branch} already has these manifests.`);
      return { repository, branch, commit: manifests.head ?? "", services: [], waitFor: all, jobs };
    }
    const changed = new Set(pushed.files.map(({ file }) => file.split("/")[0]));
    const review = proposal && (await openDeployPullRequest(repository, proposal, message));
    return {
      repository,
      branch,
      commit: pushed.commit,
      ...(previous && { previous }),
      ...(review && { review }),
      jobs,
      waitFor: all.filter((name) => changed.has(name)),
      services: [
        ...services
          .filter(({ name }) => changed.has(name))
          .map(({ name, release }) => outcome(name, before.get(name), release)),
        ...removed.filter((name) => changed.has(name)).map((name) => outcome(name, before.get(name), undefined)),
      ],
    };
  });
}

/**
 * Makes the folders that a deploy has changed what they were before it, by another commit. Those that others have changed since stay
 * theirs. That of a service which was new is empty then, or Argo CD would not sync it. A first deploy of all stays, apart from services
 * whose migration has failed: nothing of them has started, and the next deploy must find a commit that names the Job.
 *
 * @returns the commit; undefined if there is nothing to take back, or nothing of the deploy is left.
 * @throws Failure if it is not committed.
 */
export function revertManifests(
  source: GitOpsConfig,
  { previous, commit, services, jobs }: PublishedManifests,
  deploy: Omit<Deploy, "services">,
): Promise<string | undefined> {
  const hasFailed = (name: string) => deploy.failedJobs?.includes(jobs[name] ?? "") === true;
  const begun = services.map(({ name }) => name).filter((name) => previous !== undefined || hasFailed(name));
  if (begun.length === 0) return Promise.resolve(undefined);
  return withManifests(source, async (manifests) => {
    const names: string[] = [];
    for (const name of begun) {
      if (!(await manifests.isSameFolder(name, commit))) continue;
      const now = await manifestsFolderIn(manifests, name, commit);
      const before = previous && (await manifestsFolderIn(manifests, name, previous));
      // What is in another folder is of an earlier time with Argo CD, and older than what ran before this deploy.
      if (before !== undefined && now !== undefined && before !== now) continue;
      if (previous !== undefined && before !== undefined) await manifests.restoreFolder(name, previous);
      else manifests.replaceFolder(name, new Map([[`${now ?? "manifests"}/${REMOVED}`, firstFailedText(name)]]));
      names.push(name);
    }
    if (names.length === 0) return undefined;
    const subject = `Revert the deploy of ${commit.slice(0, 10)} to ${deploy.stack}`;
    const pushed = await manifests.commitAndPush({ subject, deploy: { ...deploy, services: names } });
    return pushed?.commit;
  });
}

function jobsOf(services: readonly string[], rendered: RenderedManifests): Record<string, string> {
  return Object.fromEntries(
    services.flatMap((name) => {
      const [job] = [...rendered.filesOf(name).keys()].flatMap((file) => jobOfFile(`${name}/${file}`) ?? []);
      return job === undefined ? [] : [[name, job]];
    }),
  );
}

function outcome(name: string, from: string | undefined, to: string | undefined): ServiceOutcome {
  return { name, ...(from && { from }), ...(to && { to }) };
}

async function refuseHandEdits(manifests: Manifests, { source, overwriteEdits }: Publication): Promise<void> {
  const edits = await manifests.undoneEdits();
  if (edits.length === 0) return;
  const lines = edits.map(
    ({ file, commit: { commit, author, subject } }) => `  ${file}: ${commit.slice(0, 10)} by ${author}: ${subject}`,
  );
  if (overwriteEdits) return info([`Overwrites what was edited by hand in ${source.branch}:`, ...lines].join("\n"));
  throw new Failure(
    [
      `${source.branch} of ${source.repository} has edits by hand that this deploy would overwrite. Nothing was changed.`,
      ...lines,
      "Make the same change in stacks/, or add --overwrite-edits.",
    ].join("\n"),
  );
}

function firstFailedText(name: string): string {
  return `# ${name}\n\nIts first deploy has failed.\n`;
}
