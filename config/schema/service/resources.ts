import { z } from "zod";
import { bytes, cpu, MOST_DISK, MOST_MEMORY } from "../quantity.ts";

/** What a container may use of its node. */
export const resources = z.strictObject({
  requests: z.strictObject({
    cpu: cpu("100m"),
    memory: bytes("128Mi", MOST_MEMORY),
    "ephemeral-storage": bytes("64Mi", MOST_DISK).optional(),
  }),
  limits: z.strictObject({
    cpu: cpu("500m").optional(),
    memory: bytes("256Mi", MOST_MEMORY),
    "ephemeral-storage": bytes("1Gi", MOST_DISK).optional(),
  }),
});
