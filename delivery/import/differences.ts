import { isDeepStrictEqual } from "node:util";
import { isMap } from "../../config/merge.ts";

type Fields = Record<string, unknown>;

/** What all environments share, and what each adds to it. Merged, they are each environment again. */
export interface Split {
  shared: Fields;
  own: Fields[];
}

/** A release belongs to its stack, also where all stacks have the same one. */
const OF_A_STACK = ["tag"];

/**
 * @param environments services of each environment, by name. One that an environment does not have is disabled there.
 */
export function splitServices(environments: readonly Fields[]): Split {
  const names = [...new Set(environments.flatMap((services) => Object.keys(services)))].sort();
  const shared: Fields = {};
  const own: Fields[] = environments.map(() => ({}));
  for (const name of names) {
    const having = environments.flatMap((services) => (isMap(services[name]) ? [services[name]] : []));
    const common = (commonOf(having) ?? {}) as Fields;
    for (const field of OF_A_STACK) delete common[field];
    shared[name] = ordered(common);
    for (const [index, services] of environments.entries()) {
      const whole = services[name];
      const rest = isMap(whole) ? restOf(whole, common) : { enabled: false };
      if (Object.keys(rest).length > 0) (own[index] as Fields)[name] = ordered(rest);
    }
  }
  return { shared, own };
}

/** What all values have in common; undefined if it is nothing. */
export function commonOf(values: readonly unknown[]): unknown {
  const [first, ...others] = values;
  if (others.every((other) => isDeepStrictEqual(other, first))) return structuredClone(first);
  if (!values.every(isMap)) return undefined;
  const common: Fields = {};
  for (const key of Object.keys(first as Fields)) {
    if (!values.every((value) => isMap(value) && Object.hasOwn(value, key))) continue;
    const inner = commonOf(values.map((value) => (value as Fields)[key]));
    if (inner !== undefined) common[key] = inner;
  }
  return Object.keys(common).length > 0 ? common : undefined;
}

/** What a value has besides what is common. */
export function restOf(whole: Fields, common: Fields): Fields {
  const rest: Fields = {};
  for (const [key, value] of Object.entries(whole)) {
    const known = Object.hasOwn(common, key) ? common[key] : undefined;
    if (isDeepStrictEqual(value, known)) continue;
    rest[key] = isMap(value) && isMap(known) ? restOf(value, known) : value;
  }
  return rest;
}

/** In the order in which people ask: what it is, how it is reached, how many, how large, what it reads. */
const ORDER = (
  "enabled kind build image tag command args port servicePort ports serviceAnnotations hosts path ingress ingressClass ingressNamespace " +
  "replicas cpu memory scaling disruption cron job resources probes rollout shutdown network config secrets secretRefs files secretFiles " +
  "volume tmp user initContainers sidecars serviceAccount imagePullSecrets podAnnotations nodeSelector tolerations spread patch"
).split(" ");

function ordered(fields: Fields): Fields {
  const place = (key: string) => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);
  const keys = Object.keys(fields).sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, fields[key]]));
}
