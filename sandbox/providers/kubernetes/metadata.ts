import type { CheckArgs, Operation } from "../protocol/handler.ts";
import { autoname } from "../protocol/naming.ts";
import { mapAt, type PropertyMap, stringAt, Unknown, unwrap } from "../protocol/value.ts";

/** Marks an object whose name was made up: its replacement gets another one and can be made before it is deleted. */
const AUTONAMED = "pulumi.com/autonamed";

const READ_ONLY = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];

export const nameOf = (object: PropertyMap): string | undefined => stringAt(mapAt(object, "metadata"), "name");
export const namespaceOf = (object: PropertyMap): string | undefined =>
  stringAt(mapAt(object, "metadata"), "namespace");

/** "namespace/name", or the name alone for an object outside namespaces. */
export const idOf = (object: PropertyMap): string =>
  [namespaceOf(object), nameOf(object)].filter((part) => part !== undefined).join("/");

export function parseId(id: string): { namespace: string | undefined; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: undefined, name: first } : { namespace: first, name: second };
}

export function isAutonamed(object: PropertyMap): boolean {
  return unwrap(mapAt(mapAt(object, "metadata"), "annotations")[AUTONAMED]) === "true";
}

/** The inputs with a name: the given one, else the one made up before, else a new one. */
export function withName(inputs: PropertyMap, args: CheckArgs, op: Operation): PropertyMap {
  const metadata = mapAt(inputs, "metadata");
  const given = unwrap(metadata.name);
  if (given instanceof Unknown || (typeof given === "string" && given !== "")) return inputs;
  if (metadata.generateName)
    throw new Error("metadata.generateName cannot be used with server-side apply; set metadata.name");
  const kept = isAutonamed(args.olds) ? nameOf(args.olds) : undefined;
  // An object that was imported or named by hand keeps what the new inputs say: nothing.
  if (Object.keys(args.olds).length > 0 && kept === undefined) return inputs;
  const name = kept ?? autoname(args, op, "metadata.name");
  const annotations = { ...mapAt(metadata, "annotations"), [AUTONAMED]: "true" };
  return { ...inputs, metadata: { ...metadata, name, annotations } };
}

/** The inputs without what only the server may write. */
export function withoutReadOnly(inputs: PropertyMap): PropertyMap {
  const metadata = Object.entries(mapAt(inputs, "metadata")).filter(([key]) => !READ_ONLY.includes(key));
  return { ...inputs, metadata: Object.fromEntries(metadata) };
}
