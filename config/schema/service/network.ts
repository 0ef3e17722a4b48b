import { z } from "zod";
import { cidr, dnsName, hostName, namespaceName, objectName, port, urlPath } from "../formats.ts";

/** How a service is reached, and what it can reach. */
export const networkFields = {
  port: port
    .optional()
    .describe("Port the container listens on. Without it the service is a worker: no Service, no Ingress."),
  hosts: z.array(hostName).optional().describe("Public host names. A host and path belong to one service only."),
  path: urlPath.optional().describe("Path prefix under the hosts."),
  ingressClass: objectName
    .optional()
    .describe(
      "Ingress class, if not the environment's. With ingressNamespace. If left out: that of ingress, else the Traefik add-on's.",
    ),
  ingressNamespace: namespaceName
    .optional()
    .describe("Namespace of that ingress controller. The network policy lets it connect."),
  network: z
    .strictObject({
      allowFrom: z
        .array(dnsName)
        .optional()
        .describe("Services that may connect to the port. Apart from them only the ingress controller can."),
      egress: z
        .strictObject({
          internet: z.boolean().describe("false: only the listed services and address ranges can be called."),
          services: z
            .array(dnsName)
            .describe("Services of the namespace that can be called when internet is false. All of them if left out."),
          cidrs: z.array(cidr).describe("Address ranges that can be called when internet is false."),
        })
        .partial()
        .optional(),
    })
    .optional(),
};
