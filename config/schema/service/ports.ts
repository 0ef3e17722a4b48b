import { z } from "zod";
import { port } from "../formats.ts";
import { annotations } from "../kubernetes-metadata.ts";

/** A port's name, as Kubernetes has them: https://www.rfc-editor.org/rfc/rfc6335#section-5.1 */
export const portName = z
  .string()
  .max(15)
  .regex(
    /^([0-9]-?)*[a-z](-?[a-z0-9])*$/,
    "1 to 15 lower-case letters, digits and single '-', one of them a letter, such as grpc-admin",
  );

/** Ports beside the main one. */
export const portsFields = {
  servicePort: port
    .optional()
    .describe(
      "Port under which other services call `port`. If left out: 80; with the presets tcp and exec and without hosts, the number of " +
        "`port`, and 80 as well.",
    ),
  ports: z
    .record(
      portName,
      z.strictObject({
        port: port.describe("Port the container listens on."),
        protocol: z.enum(["TCP", "UDP"]).optional().describe("If left out: TCP."),
        servicePort: port.optional().describe("Port under which other services call it. If left out: the same."),
        appProtocol: z
          .string()
          .regex(
            /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
            "a protocol's name, such as http, kubernetes.io/h2c or kubernetes.io/ws",
          )
          .optional()
          .describe("What is spoken on it, for service meshes and ingress controllers. If left out: not said."),
      }),
    )
    .optional()
    .describe("Other ports of the container, by name. They are ports of the Service too."),
  serviceAnnotations: annotations.optional().describe("Annotations of the Service."),
};
