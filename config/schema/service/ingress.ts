import { z } from "zod";
import { urlPath } from "../formats.ts";
import { annotations } from "../kubernetes-metadata.ts";
import { portName } from "./ports.ts";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
const secretName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    "lower-case letters, digits, '.' and '-'",
  );

const path = z.union(
  [
    urlPath,
    z.strictObject({
      path: urlPath,
      type: z
        .enum(["Prefix", "Exact"])
        .optional()
        .describe("Prefix: the path and everything below it. Exact: only the path. If left out: Prefix."),
      port: portName.optional().describe("Name of one of ports that gets the requests. If left out: the main port."),
    }),
  ],
  "a path such as /api, or a map of path, type and port",
);

/** How the hosts of a service lead to it. */
export const ingressFields = {
  ingress: z
    .strictObject({
      paths: z.array(path).describe("Paths under each host, in place of `path`."),
      annotations: annotations.describe("Annotations of the Ingress, such as cert-manager.io/cluster-issuer."),
      tls: z
        .union([z.boolean(), z.strictObject({ secretName })], "true, false or a map with secretName")
        .describe(
          "Whether the Ingress names a Secret with the hosts' certificate: true for <service>-tls, which cert-manager can make, or " +
            "{ secretName }. If left out: false.",
        ),
      sticky: z
        .union([z.boolean(), z.strictObject({ secure: z.boolean() })], "true, false or a map with secure")
        .describe(
          "true: a cookie leads a client to the same pod each time, for as long as that pod is there. Traefik only. The cookie is sent by " +
            "HTTPS only; { secure: false } sends it by HTTP too. If left out: false.",
        ),
      middlewares: z
        .array(
          z.string().regex(/^[^@,\s]+@[^@,\s]+$/, "a middleware as <name>@<provider>, such as shop-auth@kubernetescrd"),
        )
        .describe("Middlewares of a Traefik of your own, in this order."),
    })
    .partial()
    .optional()
    .describe("How the hosts lead to the service. Without hosts it is not used."),
};
