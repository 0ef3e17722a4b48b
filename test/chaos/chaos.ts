import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../project-root.ts";
import { Fleet } from "./fleet.ts";
import { KINDS, type Kind, type KindName } from "./kinds.ts";
import { formatLine, HEAD } from "./line.ts";
import { killAt, measure, type Outcome } from "./point.ts";
import { pick, randomOf } from "./random.ts";
import { VICTIMS } from "./victims.ts";

export interface ChaosOptions {
  /** Number of updates that are killed. */
  points: number;
  /** The same seed kills at the same points. */
  seed: number;
}

/** Longest that the next command may take beyond an update that nothing kills, in seconds. */
const MOST_ON_TOP = 20;
const STACK = "e2e-chaos";

/**
 * Kills updates at random points and has the next command put everything right. Prints one line for each, and writes
 * chaos-results.json. The exit code is 1 if a service lost a request, or if anything is not as it should be.
 *
 * @param names of KINDS. @default - all, in turn
 * @throws Error if a name is unknown, or a number is none
 */
export async function chaos({ points, seed }: ChaosOptions, names: readonly string[] = []): Promise<void> {
  const all = Object.keys(KINDS) as KindName[];
  const unknown = names.filter((name) => !all.includes(name as KindName));
  if (unknown.length > 0) throw new Error(`chaos: unknown kind ${unknown.join(", ")}. Known: ${all.join(", ")}.`);
  for (const [option, given, least] of [
    ["points", points, 1],
    ["seed", seed, 0],
  ] as const) {
    if (!Number.isInteger(given) || given < least)
      throw new Error(`chaos: --${option} is not a whole number from ${least} on (it is ${given}).`);
  }
  const kinds = names.length > 0 ? (names as KindName[]) : all;
  const file = join(projectRoot, "chaos-results.json");
  const outcomes: (Outcome & { seed: number; rollout: number })[] = [];
  console.log(HEAD);
  // Kind by kind: a stack is made once for all its points.
  for (const name of kinds) {
    const seeds = Array.from({ length: points }, (_, i) => seed + i).filter((_, i) => kinds[i % kinds.length] === name);
    if (seeds.length === 0) continue;
    const kind: Kind = KINDS[name];
    const fleet = new Fleet(`${STACK}-${name.toLowerCase()}`, kind.services);
    await fleet.shop.begin();
    const baseline = await measure(fleet, kind);
    for (const own of seeds) {
      const random = randomOf(own);
      const [fraction, victim] = [0.02 + 0.96 * random(), pick(random, VICTIMS)];
      const outcome = await killAt(fleet, { name, kind, victim, at: fraction * baseline.locked });
      if (outcome.seconds > baseline.whole + MOST_ON_TOP)
        outcome.faults.push(`${(outcome.seconds - baseline.whole).toFixed(0)} s on top of the rollout`);
      const found = { seed: own, rollout: baseline.whole, ...outcome };
      outcomes.push(found);
      console.log(formatLine(found));
      writeFileSync(file, `${JSON.stringify({ seed, points, outcomes }, null, 2)}\n`);
    }
    await fleet.shop.remove();
  }
  const whole = outcomes.filter(({ faults }) => faults.length === 0).length;
  console.log(`${whole} of ${outcomes.length} whole after one command. Written to ${file}`);
  process.exitCode = whole === outcomes.length ? 0 : 1;
}
