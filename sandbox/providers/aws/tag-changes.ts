import { textMap } from "./props.ts";
import type { Props } from "./resource.ts";

/** A tag as most services write it. */
export interface Tag {
  Key: string;
  Value: string;
}

/** What leads from the tags that a resource had to those it is to have. */
export interface TagChanges {
  /** To be added, or given another value. Empty: none. */
  added: Record<string, string>;
  /** Keys of those to be taken away. Empty: none. */
  removed: string[];
}

/** The changes from `old.tagsAll` to `props.tagsAll`. */
export function tagChanges(props: Props, old: Props): TagChanges {
  const next = textMap(props, "tagsAll");
  const before = textMap(old, "tagsAll");
  return {
    added: Object.fromEntries(Object.entries(next).filter(([key, value]) => before[key] !== value)),
    removed: Object.keys(before).filter((key) => !(key in next)),
  };
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
