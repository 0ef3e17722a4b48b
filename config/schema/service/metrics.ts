import { z } from "zod";
import { namespaceName, port, urlPath } from "../formats.ts";
import { labels } from "../kubernetes-metadata.ts";

/** How Prometheus reads a service's metrics. */
export const metricsFields = {
  metrics: z
    .strictObject({
      port: port.describe("Port that serves metrics. It may be the main port, or one of ports."),
      path: urlPath.optional().describe("If left out: /metrics."),
      from: namespaceName.describe("Namespace of Prometheus. The network policy lets it connect, to this port only."),
      intervalSeconds: z
        .int()
        .min(1)
        .max(3600)
        .optional()
        .describe("Time between two reads, for the ServiceMonitor. If left out: that of Prometheus."),
      serviceMonitor: z
        .union([z.boolean(), z.strictObject({ labels })], "true, false or { labels }")
        .optional()
        .describe(
          "Whether the Prometheus Operator gets a ServiceMonitor; { labels } adds the labels by which Prometheus selects it. If left " +
            "out: if the cluster has that kind. A preview does not ask the cluster, so it shows it only if it is true.",
        ),
      annotations: z
        .boolean()
        .optional()
        .describe(
          "true: annotations prometheus.io/scrape, port and path on the pods. A change restarts them. If left out: false.",
        ),
    })
    .optional()
    .describe("Metrics for Prometheus."),
};
