import { afterAll, expect, it } from "vitest";
import { Fleet } from "../chaos/fleet.ts";
import { KINDS, type KindName } from "../chaos/kinds.ts";
import { formatLine } from "../chaos/line.ts";
import { killAt } from "../chaos/point.ts";
import { pick, randomOf } from "../chaos/random.ts";
import { VICTIMS } from "../chaos/victims.ts";

/** The short form of `npm run chaos`: see docs/chaos.md. */
const fleet = new Fleet("e2e-chaos-short", ["api"]);
afterAll(() => fleet.shop.remove());

/** Seconds after the engine has taken the lock: while it prepares, while Helm waits, or at the end. */
const momentOf = (random: () => number) => 4 + 8 * random();

it.each([
  ["create", 10],
  ["turnBack", 2],
  ["destroy", 3],
] as [KindName, number][])(
  "an update that is killed (%s, seed %i) is put right by the next command",
  async (name, seed) => {
    const random = randomOf(seed);
    const at = momentOf(random);
    const outcome = await killAt(fleet, { name, kind: KINDS[name], victim: pick(random, VICTIMS), at });
    console.info(formatLine({ seed, ...outcome }));
    expect(outcome.killed).toBeGreaterThan(0);
    expect(outcome.faults, outcome.printed?.join("\n")).toEqual([]);
    expect(outcome.lost ?? 0).toBe(0);
  },
);
