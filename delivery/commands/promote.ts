import { readRunningServices } from "../cluster.ts";
import { readOutputs } from "../engine/run.ts";
import { atReleases, readEnvironment, requireServices } from "../environment.ts";
import { Failure } from "../failure.ts";
import { findImages } from "../images.ts";
import { assignRelease, formatReleases, type Releases, releasesOfServices, sameReleases } from "../releases.ts";
import type { ServiceStatus } from "../running-services.ts";
import { readStackFile, setReleases } from "../stack-file.ts";
import { isStale, staleRefusal } from "../update/compare.ts";
import { prepareUpdate, type UpdateContext, type UpdateOptions } from "../update/context.ts";
import { refuseDowngrade, releasesOfOthers } from "../update/downgrade.ts";
import { runUpdate } from "../update/run.ts";

export interface PromoteOptions extends Omit<UpdateOptions, "stack"> {
  /** Stack whose running releases are taken. */
  from: string;
  /** Stack that gets them. */
  to: string;
  /** Go on although a newer release runs there. @default false */
  allowDowngrade?: boolean;
}

/** A service as it runs. */
interface RunningRelease {
  release: string;
  /** `sha256:…` */
  digest: string;
}

/**
 * Deploys to one stack the releases that run in another: the same images, without a build.
 *
 * @throws Failure if a service does not run there as it was deployed, or the registry of the other stack does not have its image.
 */
export async function promote({ from, to, ...rest }: PromoteOptions, root: string): Promise<void> {
  if (from === to) throw new Failure(`promote: --from and --to are both ${from}.`);
  const context = await prepareUpdate({ ...rest, stack: to }, root);
  const running = await readReleasesOf(from, context);
  if (!rest.service && !rest.allowDowngrade && (await isStale(context))) throw staleRefusal(context, "promote");
  const target = planPromotion(context, running, await releasesOfOthers(context, rest.service ?? []));
  if (sameReleases(target, context.sources.file)) {
    throw new Failure(
      `promote: the file of ${to} has ${formatReleases(target)} already. To deploy it: npm run slipway -- deploy --stack ${to}`,
    );
  }
  if (!rest.allowDowngrade)
    await refuseDowngrade(context, target, { release: formatReleases(target), service: rest.service ?? [] });
  await requireSameImages(context, target, running);
  await runUpdate(context, {
    action: "deploy",
    subject: `Promote ${formatReleases(target)} from ${from} to ${to}`,
    edit: (text) => setReleases(text, to, target),
    releases: target,
  });
}

/** What runs in a stack, by service. It must be what was deployed, and ready: anything else was not tried there. */
async function readReleasesOf(
  stack: string,
  { root, options }: UpdateContext,
): Promise<Record<string, RunningRelease>> {
  const environment = readEnvironment(root, stack, readStackFile(root, stack));
  requireServices(environment, options.service ?? []);
  const [{ services: deployed = {} }, running] = await Promise.all([
    readOutputs(root, stack),
    readRunningServices(environment),
  ]);
  const names = options.service ?? environment.services.map(({ name }) => name);
  const faults: string[] = [];
  const releases = names.flatMap((name): [string, RunningRelease][] => {
    const { release = "", image = "" } = deployed[name] ?? {};
    const digest = image.split("@")[1] ?? "";
    const fault = faultOf(running[name], { release, digest });
    if (fault) faults.push(`  - ${name}: ${fault}`);
    return fault ? [] : [[name, { release, digest }]];
  });
  if (faults.length === 0) return Object.fromEntries(releases);
  const lines = [`promote: ${stack} does not run what was deployed to it; nothing was changed.`, ...faults];
  throw new Failure([...lines, `See: npm run slipway -- status --stack ${stack}`].join("\n"));
}

function faultOf(running: ServiceStatus | undefined, { release, digest }: RunningRelease): string | undefined {
  if (running === undefined) return "not running";
  if (digest === "") return "not in the outputs of the last update";
  if (running.digest !== digest) return `runs ${running.digest}, deployed as ${digest} (${release})`;
  if (running.ready < running.desired) return `${running.ready} of ${running.desired} pods are ready`;
  return undefined;
}

/** The releases of the target afterwards. Services that only the target has keep theirs. */
function planPromotion(
  { environment, options }: UpdateContext,
  running: Record<string, RunningRelease>,
  others: Releases,
): Releases {
  if (options.service) {
    return options.service.reduce((all, name) => assignRelease(all, running[name]?.release ?? "", [name]), others);
  }
  const own = environment.services.map(({ name, release }): [string, { release: string }] => [
    name,
    running[name] ?? { release },
  ]);
  return releasesOfServices(Object.fromEntries(own));
}

async function requireSameImages(
  context: UpdateContext,
  target: Releases,
  running: Record<string, RunningRelease>,
): Promise<void> {
  const environment = atReleases(context.environment, target);
  const promoted = environment.services.filter(({ name }) => Object.hasOwn(running, name));
  const images = await findImages(environment, promoted);
  const faults = images.flatMap(({ service, tag, digest }) => {
    const expected = running[service]?.digest;
    if (digest === expected) return [];
    return [`  - ${service}: ${tag} is ${digest ?? "missing"}, but ${expected} runs`];
  });
  if (faults.length === 0) return;
  throw new Failure(
    [
      `promote: the registry of ${environment.stack} does not have the same images; nothing was changed.`,
      ...faults,
    ].join("\n"),
  );
}
