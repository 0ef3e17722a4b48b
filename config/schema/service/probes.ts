import { z } from "zod";
import { port, seconds, urlPath } from "../formats.ts";
import { portName } from "./ports.ts";

/** How the health of a pod is checked. */
export const probesFields = {
  probes: z
    .strictObject({
      preset: z
        .enum(["http", "spring-actuator", "tcp", "grpc", "exec", "none"])
        .optional()
        .describe("What the probes ask. If left out: http with a port or probes.port, none without."),
      port: z
        .union([port, portName], "a port's number, or the name of one of the service's ports")
        .optional()
        .describe(
          "Port that is checked: a number, or a name of ports. It need not be a port of the service, such as Spring's management port. " +
            "If left out: the main port.",
        ),
      path: urlPath.optional().describe("Readiness path of the http preset."),
      livenessPath: urlPath.optional().describe("Liveness path. It must not depend on other services."),
      scheme: z
        .enum(["HTTP", "HTTPS"])
        .optional()
        .describe("How paths are asked for. Kubernetes does not check the certificate. If left out: HTTP."),
      headers: z
        .record(z.string().regex(/^[-A-Za-z0-9]+$/, "the name of an HTTP header, such as Host"), z.string())
        .optional()
        .describe("Headers of these requests, such as Host for a server that checks it. If left out: none."),
      service: z
        .string()
        .min(1)
        .optional()
        .describe("Service that the grpc preset asks about. If left out: the server as a whole."),
      command: z.array(z.string()).min(1).optional().describe("Readiness command of the exec preset."),
      livenessCommand: z.array(z.string()).min(1).optional().describe("Liveness command of the exec preset."),
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
