import type { Member } from "./mapping.ts";

/** A tag as most services write it. */
export interface Tag {
  Key: string;
  Value: string;
}

/** Tags for a request; undefined when there are none, for some services refuse an empty list. */
export function tagList(tags: Record<string, string>): Tag[] | undefined {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return list.length > 0 ? list : undefined;
}

/** Tags of an answer as a map, whichever of the forms that services have for them. */
export function tagMap(tags: unknown): Record<string, string> {
  if (!Array.isArray(tags)) return { ...(tags as Record<string, string> | undefined) };
  return Object.fromEntries(
    tags.map(({ Key, Value, TagKey = Key, TagValue = Value }: Record<string, string>) => [
      TagKey ?? "",
      TagValue ?? "",
    ]),
  );
}

/** A map that the API has as a list of objects. @param key the member that holds the key; `Value` holds the value. */
export function keysAndValues(key: "Key" | "Name"): Member {
  return {
    write: (map) => {
      const list = Object.entries(map ?? {}).map(([name, value]) => ({ [key]: name, Value: String(value) }));
      return list.length > 0 ? list : undefined;
    },
    parse: (list) =>
      Object.fromEntries(((list ?? []) as Record<string, string>[]).map((item) => [item[key] ?? "", item.Value])),
  };
}
