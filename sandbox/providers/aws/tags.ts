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

/** Tags of an answer as a map. */
export function tagMap(tags: readonly { Key?: string; Value?: string }[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}
