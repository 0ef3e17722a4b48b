import type { GitOpsConfig } from "../../config/environment.ts";
import { atReleases } from "../environment.ts";
import { reasonOf } from "../failure.ts";
import { info, warn } from "../output.ts";
import { formatReleases } from "../releases.ts";
import type { DeployRun } from "../run-folder.ts";
import { formatOutcome, type ServiceOutcome } from "../service-outcome.ts";
import type { UpdateContext } from "../update/context.ts";
import type { PlannedRecord } from "../update/record.ts";
import type { DeployPullRequest } from "./deploy-pull-request.ts";
import { describeFailedPods } from "./failed-pods.ts";
import { type FollowedSync, followSync } from "./follow-sync.ts";
import { tellMigrations } from "./migration-history.ts";
import { type PublishedManifests, publishManifests, revertManifests } from "./publish-manifests.ts";
import { RenderedManifests, renderTargets } from "./render-manifests.ts";

/** What an update of a stack whose services Argo CD rolls out does besides `pulumi up`. */
export class GitOpsUpdate {
  /** Flags for `pulumi up`. */
  readonly targets: string[];
  private readonly rendered = new RenderedManifests();
  private readonly context: UpdateContext;
  private readonly plan: PlannedRecord;
  private readonly source: GitOpsConfig;
  private published: PublishedManifests | undefined;
  private followed: FollowedSync | undefined;

  /** @returns undefined if the update itself rolls the services out. */
  static of(context: UpdateContext, plan: PlannedRecord): GitOpsUpdate | undefined {
    const { gitops } = context.environment.config;
    return gitops && new GitOpsUpdate(context, plan, gitops);
  }

  private constructor(context: UpdateContext, plan: PlannedRecord, source: GitOpsConfig) {
    this.context = context;
    this.plan = plan;
    this.source = source;
    this.targets = renderTargets(context.options.stack);
  }

  /** Variables for the program. @throws Failure if the repository cannot be read */
  async environment(): Promise<Record<string, string>> {
    await tellMigrations(this.rendered, this.context.environment.config);
    return this.rendered.environment;
  }

  /** Commits what the program has rendered. @param commit the project's. @throws Failure if nothing was committed. */
  async publish(commit: string | undefined): Promise<void> {
    const { options, environment, run } = this.context;
    const { action, subject, releases } = this.plan;
    this.published = await publishManifests({
      source: this.source,
      rendered: this.rendered,
      services: atReleases(environment, releases).services,
      subject,
      deploy: {
        stack: options.stack,
        action,
        release: formatReleases(releases),
        actor: run.actor,
        ...(commit && { source: commit }),
      },
      overwriteEdits: options.overwriteEdits ?? false,
    });
    const { branch, commit: pushed, review, waitFor } = this.published;
    if (review === undefined && waitFor.length > 0) info(`${branch} has the deploy: ${pushed}. Argo CD rolls it out.`);
  }

  /**
   * Waits for Argo CD. If a service has failed for good, a second commit takes the deploy back: with Argo CD, nothing else would last.
   *
   * @param isInterrupted asked again and again
   */
  async follow(isInterrupted: () => boolean): Promise<void> {
    if (this.published === undefined || this.published.review !== undefined) return;
    this.followed = await followSync(this.context.environment, this.published, { signal: isInterrupted });
    if (this.followed.failure === undefined) return;
    await this.explain(this.followed);
    await this.revert(this.published);
  }

  /** Before the revert, which takes the pods away. */
  private async explain(followed: FollowedSync): Promise<void> {
    const names = followed.services.filter(({ failed }) => failed).map(({ name }) => name);
    try {
      const lines = await describeFailedPods(this.context.environment, names);
      followed.failure = [followed.failure, ...lines].join("\n");
    } catch (error) {
      info(`The pods' own reasons cannot be read: ${reasonOf(error)}.`);
    }
  }

  private async revert(published: PublishedManifests): Promise<void> {
    const { options, run } = this.context;
    const { failedJobs = [] } = this.followed ?? {};
    const deploy = {
      ...{ stack: options.stack, action: "revert", release: "the release before", actor: run.actor },
      failedJobs,
    };
    try {
      const commit = await revertManifests(this.source, published, deploy);
      if (commit) return info(`Reverted by commit ${commit}: Argo CD brings the release before back.`);
      warn(
        `There is nothing to revert: ${published.branch} had nothing before that Argo CD would apply, or others have changed it since. Pods of ` +
          "before serve on. Deploy a release that works.",
      );
    } catch (error) {
      warn(
        `The deploy could not be reverted: ${reasonOf(error)}. ${published.branch} still has it. To roll back: ` +
          `npm run slipway -- rollback --stack ${options.stack}`,
      );
    }
  }

  /** Why the rollout has failed. */
  get failure(): string | undefined {
    return this.followed?.failure ?? this.followed?.unnoticed;
  }

  /** What became of the services that the commit changes. Undefined if there is no commit. */
  get services(): ServiceOutcome[] | undefined {
    return this.followed?.services ?? this.published?.services;
  }

  /** For the stored run. */
  get manifests(): DeployRun["manifests"] {
    if (this.published === undefined) return undefined;
    const { repository, branch, commit, review } = this.published;
    return {
      repository,
      branch,
      commit,
      ...(review && { review: placeOf(review) }),
      ...(this.unseen && { unseen: true }),
      ...(this.argoCdNotifies && { argoCdNotifies: true }),
    };
  }

  /** It is silent of what it does not see, and of a commit that changes nothing. */
  private get argoCdNotifies(): boolean {
    const { services = [], review } = this.published ?? {};
    return this.source.slack !== undefined && services.length > 0 && !review && !this.followed?.unnoticed;
  }

  /** Nothing is deployed before somebody merges it. */
  get isInReview(): boolean {
    return this.published?.review !== undefined;
  }

  /** What to say in place of "runs": nobody has seen it run. Undefined if the rollout is over. */
  get unseen(): string[] | undefined {
    if (this.published === undefined) return undefined;
    const { branch, commit, services, review } = this.published;
    if (review) {
      return [
        `${this.context.options.stack}: ${formatReleases(this.plan.releases)} waits for its review: ${placeOf(review)}. Once it is merged, Argo CD rolls it out.`,
        ...services.map((service) => `  ${formatOutcome(service)}`),
      ];
    }
    if (this.followed?.unknown === undefined) return undefined;
    return [
      `${this.context.options.stack}: ${branch} has ${formatReleases(this.plan.releases)} (commit ${commit.slice(0, 10)}). Argo CD rolls it out. ` +
        `This shell does not see how it goes: ${this.followed.unknown.replace(/\.$/, "")}.`,
      ...services.map((service) => `  ${formatOutcome(service)}`),
    ];
  }

  end(): void {
    this.rendered.remove();
  }
}

function placeOf({ url, link, branch }: DeployPullRequest): string {
  return url ?? link ?? branch;
}
