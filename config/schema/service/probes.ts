import { z } from "zod";
import { PRESETS } from "../../probe-presets.ts";
import { probePath, processText, seconds } from "../formats.ts";

/** How the health of a pod is checked. */
export const probesFields = {
  probes: z
    .strictObject({
      preset: z.enum(PRESETS).optional().describe("What the probes ask. If left out: http with a port, none without."),
      path: probePath.optional().describe("Readiness path of the presets http and spring-actuator."),
      livenessPath: probePath
        .optional()
        .describe("Liveness path of the presets http and spring-actuator. It must not depend on other services."),
      command: z.array(processText).min(1).optional().describe("Readiness command of the exec preset."),
      livenessCommand: z.array(processText).min(1).optional().describe("Liveness command of the exec preset."),
      startupSeconds: seconds.min(1).optional().describe("How long a pod may take to start."),
      periodSeconds: seconds.min(1).optional().describe("Time between two checks."),
      timeoutSeconds: seconds.min(1).optional().describe("How long a check may take."),
      failureThreshold: z
        .int()
        .min(1)
        .max(100)
        .optional()
        .describe("Failed checks in a row before a pod is not ready. Liveness allows twice as many."),
    })
    .optional(),
};
