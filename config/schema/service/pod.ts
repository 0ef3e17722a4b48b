import { z } from "zod";
import { roleArn, seconds } from "../formats.ts";
import { annotations, labels, labelValue, qualifiedName } from "../kubernetes-metadata.ts";
import { bytes, MOST_DISK } from "../quantity.ts";
import { foreignUser } from "./containers.ts";
import { containerPath, objectName } from "./files.ts";
import { resources } from "./resources.ts";

/** What each pod may use, and where it runs. */
export const podFields = {
  resources: resources.describe(
    "Required: a pod without requests and limits can take down its node and the other pods on it.",
  ),
  serviceAccount: z
    .strictObject({
      annotations: annotations.describe("Annotations of the service's own service account. A change rolls the pods."),
      roleArn: roleArn.describe(
        "IAM role of the pods, by EKS Pod Identity, on the target eks only. It must trust pods.eks.amazonaws.com. A change rolls the pods.",
      ),
    })
    .partial()
    .optional(),
  podAnnotations: annotations.optional().describe("A change restarts the pods."),
  nodeSelector: labels.optional().describe("Labels that a node must have."),
  tolerations: z
    .array(
      z.strictObject({
        key: qualifiedName.or(z.literal("")).optional(),
        operator: z.enum(["Exists", "Equal"]).optional(),
        value: labelValue.optional(),
        effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
        tolerationSeconds: z.int().min(0).optional(),
      }),
    )
    .optional()
    .describe("Added to the chart's own tolerations."),
  nodeLossSeconds: seconds.optional().describe("How long pods stay on a node that no longer responds."),
  tmp: z
    .strictObject({
      sizeLimit: bytes("256Mi", MOST_DISK).describe(
        "Size of /tmp and of each of paths. A pod that writes more is evicted.",
      ),
      paths: z
        .array(containerPath)
        .describe(
          "Folders besides /tmp that the process may write to, such as /var/cache/nginx. Empty at the start of each pod.",
        ),
    })
    .partial()
    .optional()
    .describe("Folders that the process may write to. All other paths are read-only."),
  user: foreignUser
    .optional()
    .describe(
      "User and group id of the process. Below 10000 only with image: such an id may be a user of the node. Never root.",
    ),
  imagePullSecrets: z
    .array(objectName)
    .optional()
    .describe("Names of Secrets in the namespace with logins to registries that the nodes have no login for."),
  priorityClassName: objectName.optional().describe("Name of a PriorityClass of the cluster."),
  runtimeClassName: objectName.optional().describe("Name of a RuntimeClass of the cluster, such as gvisor."),
  spread: z
    .strictObject({
      hosts: z.enum(["preferred", "required"]).describe("Over the nodes."),
      zones: z.enum(["preferred", "required"]).describe("Over the availability zones."),
    })
    .partial()
    .optional()
    .describe(
      "How evenly pods are spread. preferred: as evenly as it goes. required: a pod that would make the numbers differ by more than one waits.",
    ),
  rebalance: z
    .literal("never")
    .optional()
    .describe(
      "never: the descheduler does not move the pods, neither at its interval nor after a deploy. Drains of nodes still do. If left out, it " +
        "moves them when a node has two more of them than another with room. A change restarts the pods.",
    ),
};
