import { HELM_RELEASE } from "../../config/naming.ts";
import { type Changes, readChanges } from "../engine/changes.ts";
import type { Difference } from "../engine/differences.ts";
import { previewStack } from "../engine/preview.ts";
import type { ResourceChange } from "../engine/steps.ts";
import { unfinishedReason } from "../engine/unfinished.ts";
import { atReleases, type StackService } from "../environment.ts";
import { Failure } from "../failure.ts";
import { type CommitsBetween, listCommitsBetween } from "../git/commits-between.ts";
import { tellMigrations } from "../gitops/migration-history.ts";
import { RenderedManifests, renderTargets } from "../gitops/render-manifests.ts";
import type { UpdateContext } from "../update/context.ts";
import { programEnvironment } from "../update/program-environment.ts";
import { type PlannedRecord, plannedText } from "../update/record.ts";

/** An update that has not begun. */
export type PlannedUpdate = Pick<PlannedRecord, "action" | "edit" | "releases">;

/** What an update would do, as a person wants to see it before. */
export interface Plan {
  services: PlannedService[];
  /** Services that stay as they are. */
  unchanged: string[];
  /** Resources that change, apart from the services' Helm releases. */
  resources: Omit<ResourceChange, "differences">[];
  /** What the program says of each migration that the update runs. */
  migrations: string[];
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

/**
 * Asks the engine what an update would change, and git which commits come with it.
 *
 * @throws Failure if there is no engine, or the plan was interrupted: whoever did that does not want the update.
 */
export async function planUpdate(context: UpdateContext, update: PlannedUpdate): Promise<Plan> {
  const { root, options, git, environment } = context;
  const { stack, verbose } = options;
  const edited = plannedText(context, update);
  const rendered = environment.config.gitops && new RenderedManifests();
  const preview = async () => {
    if (rendered) await tellMigrations(rendered, environment.config);
    return previewStack(root, stack, edited, verbose ? undefined : () => {}, {
      environment: { ...programEnvironment(update, options), ...rendered?.environment },
      targets: rendered ? renderTargets(stack) : [],
    });
  };
  const engine = await preview().finally(() => rendered?.remove());
  if (engine.interrupted) throw new Failure(`${update.action} of ${stack}: interrupted; nothing was changed.`);
  const failure = unfinishedReason(engine);
  const after = atReleases(environment, update.releases).services;
  const changes = readChanges(engine.events);
  const plan =
    failure === undefined && rendered === undefined
      ? planOf(changes)
      : { ...planOf(NO_CHANGES), services: movesBetween(environment.services, after) };
  const services = plan.services.map(async (service): Promise<PlannedService> => {
    const { name, from, to } = service;
    const folder = after.find((known) => known.name === name)?.context;
    const commits =
      git && folder && from && to && from !== to ? await listCommitsBetween(git, { from, to, folder }) : undefined;
    return { ...service, ...(commits && { commits }) };
  });
  const names = plan.services.map(({ name }) => name);
  return {
    ...plan,
    services: await Promise.all(services),
    unchanged: after.map(({ name }) => name).filter((name) => !names.includes(name)),
    ...(failure !== undefined && { failure }),
  };
}

const NO_CHANGES: Changes = { services: [], resources: [], unchanged: 0, migrations: [], problems: [] };

/** What a preview of the engine found, without git. */
export function planOf({ services, resources, migrations }: Changes): Plan {
  const ofService = ({ type, name }: ResourceChange) =>
    type === HELM_RELEASE && services.some((service) => service.name === name);
  const configOf = (service: string) =>
    resources
      .filter((change) => ofService(change) && change.name === service)
      .flatMap(({ differences }) => differences);
  return {
    services: services.map(({ name, from, to, buildsImage = false }) => ({
      name,
      ...(from && { from }),
      ...(to && { to }),
      buildsImage,
      config: configOf(name).filter(({ path }) => !NOT_CONFIG.test(path)),
    })),
    unchanged: [],
    migrations,
    resources: resources.filter((change) => !ofService(change)).map(({ differences: _, ...rest }) => rest),
  };
}

/** What the releases in the stack's file say, if the engine says nothing. */
function movesBetween(before: readonly StackService[], after: readonly StackService[]): PlannedService[] {
  return after.flatMap(({ name, release: to }) => {
    const from = before.find((service) => service.name === name)?.release;
    return from === to ? [] : [{ name, to, ...(from && { from }), buildsImage: false, config: [] }];
  });
}
