import { z } from "zod";
import { addressRange, dnsName, hostName, namespaceName, objectName, port, urlPath } from "../formats.ts";
import { serviceLabel } from "../kubernetes-metadata.ts";

const ports = {
  ports: z.array(port).min(1).optional().describe("Ports that can be called. All of them if left out."),
  protocol: z
    .enum(["TCP", "UDP"])
    .optional()
    .describe("Protocol of these ports, or of all ports. If left out: TCP with ports, every protocol without."),
};

const caller = z.union(
  [
    dnsName,
    z.strictObject({
      namespace: namespaceName.describe("Another namespace."),
      service: serviceLabel
        .optional()
        .describe("A service in it, by its label app.kubernetes.io/name. All pods if left out."),
    }),
    z.strictObject({
      cidr: addressRange.describe("Addresses outside the cluster, such as a load balancer's subnets."),
    }),
  ],
  "a service of this environment, a map of namespace and service, or a map of cidr",
);

const range = z.union(
  [addressRange, z.strictObject({ cidr: addressRange, ...ports })],
  "an address range, such as 203.0.113.0/24 or 2001:db8::/32, or a map of cidr, ports and protocol",
);

const otherNamespace = z.union(
  [
    namespaceName,
    z.strictObject({
      namespace: namespaceName,
      service: serviceLabel
        .optional()
        .describe("A service in it, by its label app.kubernetes.io/name. All pods if left out."),
      ...ports,
    }),
  ],
  "a namespace, or a map of namespace, service, ports and protocol",
);

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
        .array(caller)
        .optional()
        .describe(
          "Who may connect: services of this environment by name, { namespace, service } of another namespace, { cidr } outside " +
            "the cluster. Apart from them only the ingress controller can.",
        ),
      egress: z
        .strictObject({
          internet: z.boolean().describe("false: only the listed services and address ranges can be called."),
          services: z
            .array(dnsName)
            .describe(
              "Services of the namespace that can be called when internet is false. [] is none. All of them if left out.",
            ),
          cidrs: z
            .array(range)
            .describe(
              "Address ranges that can be called when internet is false: a range, or { cidr, ports, protocol }.",
            ),
          namespaces: z
            .array(otherNamespace)
            .describe("Other namespaces that can be called: a name, or { namespace, service, ports, protocol }."),
        })
        .partial()
        .optional(),
    })
    .optional(),
};
