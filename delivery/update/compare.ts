import { stackFileOf } from "../../config/naming.ts";
import { atReleases } from "../environment.ts";
import { Failure } from "../failure.ts";
import { isBehind } from "../git/record-log.ts";
import { isOlder } from "../git/release-order.ts";
import { REMOTE } from "../git/repository.ts";
import { type Releases, sameReleases } from "../releases.ts";
import type { UpdateContext } from "./context.ts";
import { describeSources } from "./sources.ts";

/** A service that an update would give another release. */
export interface ServiceMove {
  name: string;
  from: string;
  to: string;
}

/** The services whose release differs, by what each of them runs: its own tag, else the stack's release. */
export function listMoves({ environment }: UpdateContext, from: Releases, to: Releases): ServiceMove[] {
  const before = new Map(atReleases(environment, from).services.map(({ name, release }) => [name, release]));
  return atReleases(environment, to).services.flatMap(({ name, release }) => {
    const was = before.get(name) ?? "";
    return was === release ? [] : [{ name, from: was, to: release }];
  });
}

/** The moves to a release that is older than the one before. */
export async function listDowngrades(context: UpdateContext, moves: readonly ServiceMove[]): Promise<ServiceMove[]> {
  const { git, sources } = context;
  const older = await Promise.all(moves.map(({ from, to }) => isOlder(git, sources.updates, to, from)));
  return moves.filter((_, index) => older[index]);
}

/** `api v2.0.0 → v1.0.0, web v2.0.0 → v1.0.0` */
export function formatMoves(moves: readonly ServiceMove[]): string {
  return moves.map(({ name, from, to }) => `${name} ${from} → ${to}`).join(", ");
}

/** Whether the branch that keeps the records has a newer version of the stack's file, so that `git pull` brings it. */
export async function isStale({ git, options, sources: { branch } }: UpdateContext): Promise<boolean> {
  return git !== undefined && branch !== undefined && isBehind(git, options.stack, branch.commit);
}

/** A refusal before anything changed: why, what each source says, and the command that settles it. */
export function refusal({ sources }: UpdateContext, why: string, remedy: string): Failure {
  return new Failure(`${why} Nothing was changed.\n${describeSources(sources)}\n${remedy}`);
}

/**
 * Refuses what starts from the stack's file while a newer record waits for its pull request: the file does not have it yet.
 *
 * @throws Failure
 */
export function refuseUnmergedRecord(context: UpdateContext, action: string): void {
  const { file, waiting, branch } = context.sources;
  if (!waiting || sameReleases(file, waiting.releases)) return;
  throw refusal(
    context,
    `${action} of ${context.options.stack}: the newest record waits on ${REMOTE}/${waiting.branch}, and the file does not have it yet.`,
    `Merge its pull request into ${branch?.name}, and run this again after: git pull ${REMOTE} ${branch?.name}`,
  );
}

/** The refusal for a checkout that is behind the branch that keeps the records. */
export function staleRefusal(context: UpdateContext, action: string): Failure {
  const { stack } = context.options;
  const { branch } = context.sources;
  return refusal(
    context,
    `${action} of ${stack}: this checkout is behind ${REMOTE}/${branch?.name}, which has a newer ${stackFileOf(stack)}.`,
    `Update the checkout and run this again: git pull ${REMOTE} ${branch?.name}`,
  );
}
