import { z } from "zod";
import { quantity } from "../formats.ts";

/** What a container may use of its node. */
export const resources = z.strictObject({
  requests: z.strictObject({
    cpu: quantity("100m"),
    memory: quantity("128Mi"),
    "ephemeral-storage": quantity("64Mi").optional(),
  }),
  limits: z.strictObject({
    cpu: quantity("500m").optional(),
    memory: quantity("256Mi"),
    "ephemeral-storage": quantity("1Gi").optional(),
  }),
});
