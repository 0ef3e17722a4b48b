import { setTimeout as sleep } from "node:timers/promises";
import { kubectlJson } from "../e2e/workspace.ts";
import { type Load, startLoad } from "../load/load.ts";
import type { Fleet } from "./fleet.ts";
import type { Kind, KindName } from "./kinds.ts";
import { leftOfStack, orphans, unfinishedReleases } from "./left-over.ts";
import { endLeftOver, kill, processesOf, type Victim } from "./victims.ts";

const REQUESTS_PER_SECOND = 100;
const POLL_MILLISECONDS = 100;
/** Pods that were replaced stop answering after their preStop. */
const SETTLE_MILLISECONDS = 6_000;

/** What became of one update that was killed. */
export interface Outcome {
  kind: KindName;
  victim: Victim;
  /** Seconds from the moment when the engine held the stack's lock to the kill. */
  at: number;
  /** Processes that were killed: none if the update had ended before. */
  killed: number;
  /** Requests that were not answered, of all that were sent. Undefined where nothing serves. */
  lost?: number;
  sent?: number;
  /** Errors of those, by kind. */
  errors?: object;
  /** Seconds that the next command took. */
  seconds: number;
  /** The next command. */
  command: string;
  /** What is not as it should be after the next command. */
  faults: string[];
  /** What both commands printed, if there is a fault. */
  printed?: string[];
}

/** Seconds that an update of a kind takes if nothing kills it, as its engine holds the lock and as a whole command. */
export async function measure(fleet: Fleet, kind: Kind): Promise<{ locked: number; whole: number }> {
  await kind.prepare?.(fleet);
  kind.change?.(fleet);
  const began = performance.now();
  const update = fleet.shop.start(kind.command);
  await untilLocked(fleet, update.ended);
  const locked = performance.now();
  const { exitCode, output } = await update.ended;
  const faults = await faultsOf(fleet, kind, exitCode);
  if (faults.length > 0)
    throw new Error(`chaos: an update that nothing kills has faults: ${faults.join("; ")}\n${output}`);
  const ended = performance.now();
  kind.turnBack?.(fleet);
  return { locked: (ended - locked) / 1000, whole: (ended - began) / 1000 };
}

/** Kills one update, and has the next command put everything right. @param at seconds after the engine has taken the lock */
export async function killAt(
  fleet: Fleet,
  { name, kind, victim, at }: { name: KindName; kind: Kind; victim: Victim; at: number },
): Promise<Outcome> {
  await kind.prepare?.(fleet);
  const before = kind.turnBack && (await templateOf(fleet, kind));
  kind.change?.(fleet);
  const load = kind.underLoad && (await loadOn(fleet, kind.underLoad));
  const first = fleet.shop.start(kind.command);
  await untilLocked(fleet, first.ended);
  await sleep(at * 1000);
  await untilStarted(victim, first);
  const processes = processesOf(first.pid);
  const killed = kill(victim, first.pid);
  const cutOff = await first.ended;

  kind.turnBack?.(fleet);
  const began = performance.now();
  const { exitCode, output } = await fleet.shop.start(kind.command).ended;
  const seconds = (performance.now() - began) / 1000;
  const faults = await faultsOf(fleet, kind, exitCode);
  const after = kind.turnBack && (await templateOf(fleet, kind));
  if (before !== after) faults.push("the pod template is not that of the release before");
  const requests = load && (await report(load));
  if (requests !== undefined && requests.lost > 0) faults.push(`${requests.lost} requests were lost`);
  // A plugin without its engine would stay for minutes.
  endLeftOver(processes);
  return {
    ...{ kind: name, victim, at, killed, ...requests, seconds, faults },
    command: `npm run sandbox -- ${kind.command} --stack ${fleet.shop.stack}`,
    ...(faults.length > 0 && { printed: [cutOff.output, output] }),
  };
}

async function untilLocked(fleet: Fleet, ended: Promise<unknown>): Promise<void> {
  const isOver = watch(ended);
  while (!isOver() && !fleet.shop.isLocked()) await sleep(POLL_MILLISECONDS);
}

/** The engine starts its plugin only when the program declares something for it. */
async function untilStarted(victim: Victim, update: { pid: number; ended: Promise<unknown> }): Promise<void> {
  if (victim === "engine" || victim === "all") return;
  const isOver = watch(update.ended);
  while (!isOver() && processesOf(update.pid).plugin.length === 0) await sleep(POLL_MILLISECONDS);
}

function watch(ended: Promise<unknown>): () => boolean {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  return () => isOver;
}

function loadOn(fleet: Fleet, service: Parameters<Fleet["host"]>[0]): Promise<Load> {
  const path = service === "orders" ? "/orders" : "/version";
  const url = `http://${fleet.host(service)}:30080${path}`;
  return startLoad({ url, rps: REQUESTS_PER_SECOND, timeoutMs: 20_000, maxSeconds: 900 });
}

async function report(load: Load): Promise<{ lost: number; sent: number; errors: object }> {
  await sleep(SETTLE_MILLISECONDS);
  const { failed, sent, errors } = await load.stop();
  return { lost: failed, sent, errors };
}

async function faultsOf(fleet: Fleet, kind: Kind, exitCode: number): Promise<string[]> {
  const { shop } = fleet;
  const faults = exitCode === 0 ? [] : [`the command ended with ${exitCode}`];
  if (shop.isLocked()) faults.push("the stack is locked");
  if (kind.command === "destroy")
    return [...faults, ...(await leftOfStack(shop.stack)).map((name) => `${name} is left`)];
  const services = await shop.services();
  for (const [name, release] of Object.entries(fleet.wanted())) {
    const { release: found, ready, desired } = services[name] ?? {};
    if (found !== release) faults.push(`${name} runs ${found} instead of ${release}`);
    if (ready !== desired) faults.push(`${name} has ${ready} of ${desired} pods`);
  }
  for (const name of Object.keys(services)) if (!(name in fleet.wanted())) faults.push(`${name} runs`);
  faults.push(...(await unfinishedReleases(shop)));
  faults.push(...(await orphans(shop)).map((name) => `${name} belongs to nothing`));
  return faults;
}

/** The pod template of the service that is updated, as text. */
async function templateOf(fleet: Fleet, { underLoad = "api" }: Kind): Promise<string> {
  const kind = underLoad === "canary" ? "rollouts.argoproj.io" : "deployments";
  const { spec } = await kubectlJson<{ spec: { template: { metadata: object; spec: object } } }>(
    ...["get", kind, underLoad, "-n", fleet.shop.stack],
  );
  // Data has another name in each update.
  return JSON.stringify(spec.template).replace(new RegExp(`"${underLoad}-[0-9a-f]{8}"`, "g"), `"${underLoad}-…"`);
}
