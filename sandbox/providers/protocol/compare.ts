import type { Change } from "./handler.ts";
import { isMap, type PropertyMap, sameValue, Unknown, unwrap, type Value } from "./value.ts";

type Path = readonly (string | number)[];

/** The changes from `old` to `next`, all of them in place, by property. Secrets are compared by content; an unknown is a change. */
export function compare(old: PropertyMap, next: PropertyMap): Map<string, Change> {
  const changes = new Map<string, Change>();
  const record = (path: Path, kind: Change["kind"]): void => {
    changes.set(formatPath(path), { kind, replace: false });
  };
  const visit = (path: Path, before: Value | undefined, after: Value | undefined): void => {
    const a = unwrap(before);
    const b = unwrap(after);
    if (b instanceof Unknown) record(path, a === undefined ? "add" : "update");
    else if (sameValue(a, b)) return;
    else if (a === undefined) record(path, "add");
    else if (b === undefined) record(path, "delete");
    else if (isMap(a) && isMap(b)) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) visit([...path, key], a[key], b[key]);
    } else if (Array.isArray(a) && Array.isArray(b)) {
      for (let i = 0; i < Math.max(a.length, b.length); i++) visit([...path, i], a[i], b[i]);
    } else record(path, "update");
  };
  for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) visit([key], old[key], next[key]);
  return changes;
}

/** A property path as the engine writes it: `metadata.labels["app.kubernetes.io/name"]`, `hosts[0]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (/[."[\]]/.test(part)) return `${text}["${part.replaceAll('"', '\\"')}"]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** The changes without those at or below the paths of `ignoreChanges`. */
export function withoutIgnored(changes: Map<string, Change>, ignored: readonly string[]): Map<string, Change> {
  const below = (path: string, prefix: string): boolean =>
    path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`);
  return new Map([...changes].filter(([path]) => !ignored.some((prefix) => below(path, prefix))));
}
