import type { KubernetesObject } from "@kubernetes/client-node";
import { Document, Scalar, visit } from "yaml";

/** Keys that people look for first. */
const FIRST = ["apiVersion", "kind", "metadata", "name", "namespace"];

/** What some reader of YAML takes for a number: 0o17, 1_000, 12:30. */
const LIKE_A_NUMBER = /^[-+.]?[0-9]/;

/**
 * YAML that is the same whenever the object is: keys in one order, no anchors, no folded lines. Every reader finds the same text in it: in
 * YAML 1.1, which Argo CD reads, an unquoted yes is a boolean.
 */
export function formatManifest(object: object): string {
  const rank = (key: unknown) => {
    const at = FIRST.indexOf(String(key));
    return at === -1 ? FIRST.length : at;
  };
  const document = new Document(object, {
    version: "1.1",
    aliasDuplicateObjects: false,
    sortMapEntries: ({ key: a }, { key: b }) => rank(keyOf(a)) - rank(keyOf(b)) || (keyOf(a) < keyOf(b) ? -1 : 1),
  });
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === "string" && LIKE_A_NUMBER.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}

function keyOf(key: unknown): string {
  return String((key as { value?: unknown }).value ?? key);
}

/** Name of an object's file. A service has no two objects of one kind and name. */
export function manifestFile({ kind = "", metadata }: KubernetesObject): string {
  return `${kind.toLowerCase()}-${metadata?.name}.yaml`;
}
