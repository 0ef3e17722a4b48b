import * as structs from "google-protobuf/google/protobuf/struct_pb.js";
import { isMap, mapValues, type PropertyMap, Secret, Unknown, type Value } from "./value.ts";

// Markers of Pulumi's wire format (sdk/go/common/resource/sig and plugin.UnknownStringValue).
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWNS = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * Reads a message's properties.
 *
 * @throws on an asset, an archive or a resource reference, which no resource here accepts.
 */
export function decode(struct: structs.Struct | undefined): PropertyMap {
  if (!struct) return {};
  return mapValues(struct.toJavaScript() as PropertyMap, decodeValue);
}

/** Writes properties into a message. */
export function encode(map: PropertyMap): structs.Struct {
  const encoded = Object.fromEntries(Object.entries(map).map(([key, value]) => [key, encodeValue(value)]));
  return structs.Struct.fromJavaScript(encoded);
}

function decodeValue(value: Value): Value {
  if (typeof value === "string") return UNKNOWNS.has(value) ? Unknown.value : value;
  if (Array.isArray(value)) return value.map(decodeValue);
  if (!isMap(value)) return value;
  const signature = value[SIGNATURE];
  if (signature === undefined) return mapValues(value, decodeValue);
  if (signature === SECRET) return new Secret(decodeValue(value.value ?? null));
  throw new Error("this stand-in does not accept assets, archives and resource references; give plain values");
}

function encodeValue(value: Value): structs.JavaScriptValue {
  if (value instanceof Secret) return { [SIGNATURE]: SECRET, value: encodeValue(value.element) };
  if (value instanceof Unknown) return UNKNOWN;
  if (Array.isArray(value)) return value.map(encodeValue);
  if (isMap(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encodeValue(item)]));
  }
  return value;
}
