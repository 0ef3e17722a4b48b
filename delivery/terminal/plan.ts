import { readChanges } from "../engine/changes.ts";
import type { Difference } from "../engine/differences.ts";
import { previewStack } from "../engine/preview.ts";
import { lastLine } from "../engine/run.ts";
import { HELM_RELEASE, type ResourceChange } from "../engine/steps.ts";
import { atReleases } from "../environment.ts";
import { type CommitsBetween, listCommitsBetween } from "../git/commits-between.ts";
import type { Releases } from "../releases.ts";
import type { DeployRun } from "../run-folder.ts";
import type { UpdateContext } from "../update/context.ts";

/** An update that has not begun. */
export interface PlannedUpdate {
  action: DeployRun["action"];
  /** The stack's file after the update, from its text before. */
  edit: (text: string) => string;
  /** Releases in the edited file. */
  releases: Releases;
}

/** What an update would do, as a person wants to see it before. */
export interface Plan {
  services: PlannedService[];
  /** Services that stay as they are. */
  unchanged: string[];
  /** Resources that change, apart from the services' Helm releases. */
  resources: Omit<ResourceChange, "differences">[];
  /** Why the engine could not say what it would do. Services are those whose release in the stack's file changes, then. */
  failure?: string;
}

export interface PlannedService {
  name: string;
  /** Release tags before and after; `from` is missing for a new service, `to` for one that is removed. */
  from?: string;
  to?: string;
  buildsImage: boolean;
  /** Undefined if the release stays, or git does not know the commits of both. */
  commits?: CommitsBetween;
  /** Values of the Helm release that change, apart from the image. */
  config: Difference[];
}

/** Values that a new release changes by itself. */
const NOT_CONFIG = /^(version|values\.(release|image))$/;

/** Asks the engine what an update would change, and git which commits come with it. @throws Failure if there is no engine. */
export async function planUpdate(
  { root, options, text, git, environment, releases }: UpdateContext,
  update: PlannedUpdate,
): Promise<Plan> {
  const { stack, verbose } = options;
  const edited = update.edit(text);
  const { ok, events, log } = await previewStack(root, stack, edited, verbose ? undefined : () => {});
  const { services, resources, problems } = readChanges(events);
  const after = atReleases(environment, update.releases).services;
  const before = atReleases(environment, releases).services;
  const changed = ok
    ? services
    : after.flatMap(({ name, release: to }) => {
        const from = before.find((service) => service.name === name)?.release;
        return from === to ? [] : [{ name, to, ...(from && { from }) }];
      });
  const planned = changed.map(async ({ name, from, to, ...rest }): Promise<PlannedService> => {
    const folder = after.find((service) => service.name === name)?.context;
    const commits =
      git && folder && from && to && from !== to ? await listCommitsBetween(git, { from, to, folder }) : undefined;
    return {
      name,
      ...(from && { from }),
      ...(to && { to }),
      buildsImage: "buildsImage" in rest && rest.buildsImage === true,
      ...(commits && { commits }),
      config: resources
        .filter((change) => isRelease(change, name))
        .flatMap(({ differences }) => differences)
        .filter(({ path }) => !NOT_CONFIG.test(path)),
    };
  });
  const names = changed.map(({ name }) => name);
  return {
    services: await Promise.all(planned),
    unchanged: after.map(({ name }) => name).filter((name) => !names.includes(name)),
    resources: resources
      .filter((change) => !names.some((name) => isRelease(change, name)))
      .map(({ differences: _, ...rest }) => rest),
    ...(!ok && { failure: problems.join("\n") || lastLine(log) || "the engine ended without a message" }),
  };
}

function isRelease({ type, name }: ResourceChange, service: string): boolean {
  return type === HELM_RELEASE && name === service;
}
