import { readFileSync } from "node:fs";
import { totalmem } from "node:os";

const GiB = 1024 ** 3;

/** In GiB. */
export interface Memory {
  /** Of the machine, or of the container that this runs in. */
  total: number;
  /** What new programs can use without swapping. */
  available: number;
}

/** The machine's memory. Linux only. */
export function memory(): Memory {
  // Zero, or far more than the machine has, if there is no limit.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  const total = Math.min(totalmem(), limit) / GiB;
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  const available = kibibytes === undefined ? total : Number(kibibytes) / 1024 ** 2;
  return { total, available: Math.min(available, total) };
}

/** `3.8 GiB, 2.1 of it free` */
export function describeMemory({ total, available }: Memory): string {
  return `${total.toFixed(1)} GiB, ${available.toFixed(1)} of it free`;
}
