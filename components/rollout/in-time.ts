import { setTimeout } from "node:timers/promises";

const SECONDS = 10;

/** What a preview learns from the cluster within 10 s. It goes on without: it may have no way to the cluster's API. */
export function inTime<T, U>(asked: Promise<T>, otherwise: U): Promise<T | U> {
  const limit = new AbortController();
  const late = setTimeout(SECONDS * 1000, otherwise, { signal: limit.signal }).catch(() => otherwise);
  return Promise.race([late, asked.catch(() => otherwise)]).finally(() => limit.abort());
}
