import type { Outcome } from "./point.ts";

const WIDTHS = [5, 8, 7, 14, 12, 17];
const TITLES = ["seed", "point", "victim", "kind", "lost/sent", "seconds (rollout)"];

export const HEAD = [...TITLES.map((title, i) => title.padEnd(WIDTHS[i] ?? 0)), "next command"].join(" | ");

/** One line of the table. With `rollout`: seconds of the same update if nothing kills it. */
export function formatLine({ seed, rollout, ...outcome }: Outcome & { seed: number; rollout?: number }): string {
  const { at, victim, kind, lost, sent, seconds, command, killed, faults } = outcome;
  const cells = [
    String(seed),
    killed > 0 ? `${at.toFixed(1)} s` : "ended",
    victim,
    kind,
    sent === undefined ? "-" : `${lost}/${sent}`,
    seconds.toFixed(1) + (rollout === undefined ? "" : ` (${rollout.toFixed(1)})`),
  ].map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0));
  return [...cells, command, faults.length === 0 ? "whole" : `✖ ${faults.join("; ")}`].join(" | ");
}
