import { isPlainMap, type Plain, type PlainMap } from "../protocol/value.ts";

/**
 * The JSON patch by which the fields that a create set pass to the manager that applies from now on. Without it the
 * first apply would conflict with the create, which the API server counts as another owner.
 *
 * @returns undefined when there is nothing to pass on.
 */
export function adoptedManagers(live: PlainMap, createManager: string, applyManager: string): Plain[] | undefined {
  const metadata = isPlainMap(live.metadata) ? live.metadata : {};
  const entries = Array.isArray(metadata.managedFields) ? metadata.managedFields.filter(isPlainMap) : [];
  const isCreated = (entry: PlainMap): boolean =>
    entry.manager === createManager && entry.operation === "Update" && !entry.subresource;
  const created = entries.filter(isCreated);
  if (created.length === 0) return undefined;

  const isApplied = (entry: PlainMap): boolean => entry.manager === applyManager && entry.operation === "Apply";
  const fields = [...entries.filter(isApplied), ...created].reduce<Plain>(
    (all, entry) => merged(all, entry.fieldsV1 ?? {}),
    {},
  );
  const adopted: PlainMap = { ...created[0], manager: applyManager, operation: "Apply", fieldsV1: fields };
  return [
    {
      op: "replace",
      path: "/metadata/managedFields",
      value: [...entries.filter((e) => !isCreated(e) && !isApplied(e)), adopted],
    },
    // Fails rather than lose an owner that came in between.
    { op: "replace", path: "/metadata/resourceVersion", value: metadata.resourceVersion ?? "" },
  ];
}

/** The union of two field sets. */
function merged(a: Plain, b: Plain): Plain {
  if (!isPlainMap(a) || !isPlainMap(b)) return b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...keys].map((key): [string, Plain] => {
      const [left, right] = [a[key], b[key]];
      return [key, left === undefined ? (right ?? null) : right === undefined ? left : merged(left, right)];
    }),
  );
}
