import { hasUnknown, isMap, type PropertyMap, Secret, Unknown, unwrap, type Value } from "../protocol/value.ts";
import type { ObjectKind } from "./kind.ts";

export const secretKind: ObjectKind = {
  token: "kubernetes:core/v1:Secret",
  apiVersion: "v1",
  kind: "Secret",
  collection: (namespace) => `/api/v1/namespaces/${namespace}/secrets`,
  namespaced: true,
  properties: ["apiVersion", "kind", "metadata", "data", "stringData", "immutable", "type"],
  replaces: (inputs, { secretMutable }) =>
    secretMutable && inputs.immutable !== true ? [["type"]] : [["type"], ["stringData"], ["data"]],
  normalize,
  protect: (object) =>
    Object.fromEntries(
      Object.entries(object).map(([key, value]) =>
        (key === "data" || key === "stringData") && !(value instanceof Secret)
          ? [key, new Secret(value)]
          : [key, value],
      ),
    ),
};

/**
 * Folds stringData into data, as the API server does when it stores a secret: stringData is write-only there, so it
 * would differ from the live object for ever.
 */
function normalize(inputs: PropertyMap): PropertyMap {
  const { stringData, ...rest } = inputs;
  const strings = unwrap(stringData);
  if (strings === undefined || strings === null) return rest;
  if (!isMap(strings)) return { ...rest, data: Unknown.value };
  const given = unwrap(rest.data);
  if (given instanceof Unknown) return rest;
  const encoded = Object.entries(strings).map(([key, value]): [string, Value] => [key, toBase64(value)]);
  return { ...rest, data: new Secret({ ...(isMap(given) ? given : {}), ...Object.fromEntries(encoded) }) };
}

function toBase64(value: Value): Value {
  if (hasUnknown(value)) return Unknown.value;
  const text = unwrap(value);
  if (typeof text !== "string") throw new Error("every value of a Secret's stringData must be a string");
  return Buffer.from(text, "utf8").toString("base64");
}
