/** A figure, and what it is held against. */
export interface Result {
  what: string;
  measured: number;
  unit: string;
  /** Left out for what is only told. */
  target?: number;
  ok: boolean;
  detail?: string;
}

const RUNS = 5;

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Number(((performance.now() - start) / 1000).toFixed(2));
}

export async function medianSeconds(work: () => Promise<unknown>, runs = RUNS): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) times.push(await seconds(work));
  return median(times);
}

export function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export function atMost(what: string, measured: number, target: number, detail?: string, unit = "s"): Result {
  return { what, measured, unit, target, ok: measured <= target, detail };
}

export function measured(what: string, measured: number): Result {
  return { what, measured, unit: "s", ok: true };
}

export function say(text: string): void {
  console.log(`[bench] ${text}`);
}
