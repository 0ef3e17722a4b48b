import { z } from "zod";
import { addressRange, namespaceName, port } from "./formats.ts";

/**
 * Where the cluster's DNS answers. A network policy is checked against the address that answers, which is a pod in kube-system
 * on most clusters. It is not where DNS runs on the nodes themselves: NodeLocal DNSCache, EKS Auto Mode, a server outside.
 * https://github.com/kubernetes/kubernetes/tree/master/cluster/addons/dns/nodelocaldns#network-policy-and-dns-connectivity
 */
export const dnsSchema = z.strictObject({
  namespace: namespaceName.optional().describe("Namespace of the DNS pods. If left out: kube-system."),
  port: port.optional().describe("Port that the DNS pods listen on, UDP and TCP. If left out: 53."),
  cidrs: z
    .array(addressRange)
    .optional()
    .describe(
      "Addresses at which DNS answers if that is not a pod, such as [10.100.0.10/32]. Pods may ask them on port 53. If left out: none.",
    ),
});
