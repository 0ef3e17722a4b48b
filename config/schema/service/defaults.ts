import { z } from "zod";
import { serviceSchema } from "./index.ts";

/** What belongs to one service only, or is set by a command. */
const OWN_FIELDS = ["tag", "hosts", "renamedFrom", "restartedAt"] as const;

/** What `defaults` may say of all services: the fields of a service, and none of them required. */
export const serviceDefaultsSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(serviceSchema.shape)
      .filter(([key]) => !(OWN_FIELDS as readonly string[]).includes(key))
      .map(([key, schema]) => [key, optional(schema)]),
  ),
);

/** The schema without required fields and without defaults, at any depth. */
function optional(schema: z.core.$ZodType): z.ZodType {
  const inner = withoutRequired(schema).optional();
  const { description } = schema as z.ZodType;
  return description === undefined ? inner : inner.describe(description);
}

function isObject(schema: z.core.$ZodType): boolean {
  return schema._zod.def.type === "object";
}

function withoutRequired(schema: z.core.$ZodType): z.ZodType {
  const { type, innerType, shape, keyType, valueType } = schema._zod.def as {
    type: string;
    innerType?: z.core.$ZodType;
    shape?: Record<string, z.core.$ZodType>;
    keyType?: z.core.$ZodRecordKey;
    valueType?: z.core.$ZodType;
  };
  if (innerType && ["optional", "default", "prefault"].includes(type)) return withoutRequired(innerType);
  // A service may say the rest of a sidecar or of a port itself.
  if (keyType && valueType && isObject(valueType)) return z.record(keyType, withoutRequired(valueType));
  if (type !== "object" || shape === undefined) return schema as z.ZodType;
  return z.strictObject(Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, optional(field)])));
}
