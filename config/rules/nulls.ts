import { type Fault, type Path, type Source, valueAt } from "../fault.ts";
import { isMap } from "../merge.ts";
import { serviceNames } from "../service-defaults.ts";

/**
 * Faults of nulls: `key:` with nothing behind it is one too, so a line without its value must not pass for text that is empty, nor for a
 * service with nothing to say.
 *
 * @param sources with the defaults of services applied, in the order in which they are merged
 */
export function nullFaults(sources: readonly Source[]): Fault[] {
  const services = serviceNames(sources);
  return sources.flatMap(({ value, nameOf, replacesMerged }, index) => {
    // Sources with names of their own repeat what another one says.
    if (nameOf !== undefined) return [];
    const earlier = sources.slice(0, index);
    return nullsIn(value).flatMap((path): Fault[] => {
      if (path[0] === "services" && path.length === 2) {
        return services.includes(String(path[1])) ? [] : [{ path, message: NULL_SERVICE, hideValue: true }];
      }
      const isReplaced = (replacesMerged?.(path) ?? true) || isGiven(path, earlier);
      // `defaults` may say it of a service that has no use for it, and then the null does no harm.
      const isDefault = path[0] === "services" && isGiven(["defaults", ...path.slice(2)], sources);
      return isReplaced || isDefault || isGiven(path, sources.slice(index + 1))
        ? []
        : [{ path, message: isUnderMerged(path, replacesMerged) ? SHALLOW_MERGE : IDLE_NULL, hideValue: true }];
    });
  });
}

const NULL_SERVICE =
  "null says nothing of a service. Write {} if it has nothing to say here, or enabled: false to run it in other environments only";
const IDLE_NULL =
  'null takes away what another part gives, and none gives it. Give a value ("" is empty text, {} an empty map), or remove the line';

const SHALLOW_MERGE =
  "null takes nothing away here: a merge key (<<) gives whole values, and the map around this line replaces the whole one that it gives. " +
  "Write the map without this line, or say what services share in defaults, which merges at every depth";

/** Whether a map around the null replaces one of a merge key. */
function isUnderMerged(path: Path, replacesMerged: Source["replacesMerged"]): boolean {
  return path.some((_, length) => length > 0 && replacesMerged?.(path.slice(0, length)) === true);
}

function isGiven(path: Path, sources: readonly Source[]): boolean {
  return sources.some((source) => (valueAt(source.value, path) ?? null) !== null);
}

function nullsIn(value: unknown, path: Path = []): Path[] {
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    inner === null ? [[...path, key]] : nullsIn(inner, [...path, key]),
  );
}
