import { releaseOf as serviceRelease } from "../config/naming.ts";

/** What a stack's file, or an update, says the stack runs. */
export interface Releases {
  /** `slipway:release` */
  release: string;
  /** Releases of services that have one of their own, by service. */
  tags: Record<string, string>;
}

/** The releases after `release` is given to some services, or to all: then no service has one of its own any more. */
export function assignRelease(releases: Releases, release: string, services: readonly string[]): Releases {
  if (services.length === 0) return { release, tags: {} };
  const tags = { ...releases.tags, ...Object.fromEntries(services.map((name) => [name, release])) };
  // A service whose own release is the stack's needs none.
  return {
    release: releases.release,
    tags: Object.fromEntries(Object.entries(tags).filter(([, tag]) => tag !== releases.release)),
  };
}

/** The release that a service runs. */
export function releaseOf({ release, tags }: Releases, service: string): string {
  return serviceRelease(tags[service], release);
}

export function sameReleases(a: Releases, b: Releases): boolean {
  const names = new Set([...Object.keys(a.tags), ...Object.keys(b.tags)]);
  return a.release === b.release && [...names].every((name) => a.tags[name] === b.tags[name]);
}

/** `v1.3.0`, with the releases of single services after it: `v1.3.0, api v1.2.9`. */
export function formatReleases({ release, tags }: Releases): string {
  return [release, ...Object.entries(tags).map(([name, tag]) => `${name} ${tag}`)].join(", ");
}

/** The releases of single services, with the most frequent one as the stack's. Of two as frequent, the first one counts. */
export function releasesOfServices(services: Record<string, { release: string }>): Releases {
  const counts = new Map<string, number>();
  for (const { release } of Object.values(services)) counts.set(release, (counts.get(release) ?? 0) + 1);
  const [release = ""] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  const tags = Object.entries(services).flatMap(([name, service]) =>
    service.release === release ? [] : [[name, service.release]],
  );
  return { release, tags: Object.fromEntries(tags) };
}
