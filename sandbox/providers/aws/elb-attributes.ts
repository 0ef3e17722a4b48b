import type { Plain, PlainMap } from "../protocol/value.ts";

/** An attribute of a load balancer, target group or listener: always text. */
export interface Attribute {
  Key?: string;
  Value?: string;
}

/** Which property an attribute is, and of what kind: `proxyProtocolV2: ["proxy_protocol_v2.enabled", "boolean"]`. */
export type AttributeNames = Readonly<Record<string, readonly [key: string, kind: "boolean" | "number" | "text"]>>;

/**
 * Properties as attributes.
 *
 * @param which names of those to be set; one that is left out is not.
 */
export function toAttributes(names: AttributeNames, props: PlainMap, which: Iterable<string>): Attribute[] {
  return [...which].flatMap((name) => {
    const [key] = names[name] ?? [];
    const value = props[name];
    return key === undefined || value === undefined ? [] : [{ Key: key, Value: String(value) }];
  });
}

/** Attributes as properties; those that AWS does not tell are left out. */
export function fromAttributes(names: AttributeNames, attributes: readonly Attribute[] | undefined): PlainMap {
  const values = new Map((attributes ?? []).map(({ Key, Value }) => [Key, Value]));
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, [key, kind]]): [string, Plain][] => {
      const value = values.get(key);
      if (value === undefined || value === "") return [];
      return [[name, kind === "boolean" ? value === "true" : kind === "number" ? Number(value) : value]];
    }),
  );
}
