import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { autoscalerValues } from "../../../../components/aws/autoscaler/values.ts";
import { milliUnits, wholeUnits } from "../../../../components/aws/nodes/quantity.ts";
import { clusterPods } from "../../../../components/aws/nodes/system-pods.ts";
import { serviceSchema } from "../../../../config/schema/service.ts";
import { addonsOf } from "../../../config/settings.ts";

const root = join(import.meta.dirname, "../../../..");
const values = autoscalerValues({ clusterName: "shop-prod", region: "eu-west-1", tag: "v1.35.2" });
const args = values.extraArgs as Record<string, unknown>;

describe("the cluster-autoscaler's values", () => {
  it("find the node groups by the cluster's name, and need no metadata of the node to know the region", () => {
    expect(values).toMatchObject({
      cloudProvider: "aws",
      awsRegion: "eu-west-1",
      autoDiscovery: { clusterName: "shop-prod" },
      image: { tag: "v1.35.2" },
    });
  });

  it("let nodes be taken away, with what the defaults would keep them for", () => {
    expect(args).toMatchObject({
      expander: "least-waste",
      "balance-similar-node-groups": true,
      "skip-nodes-with-system-pods": false,
      "skip-nodes-with-local-storage": false,
    });
  });

  it("keep the node that it runs on, but never from being drained", () => {
    expect(values).toMatchObject({
      podAnnotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
      podDisruptionBudget: { maxUnavailable: 1 },
      priorityClassName: "system-cluster-critical",
    });
  });

  it("give every service the time to stop that it may ask for", () => {
    const stop = (seconds: number) => ({ shutdown: { preStopSeconds: seconds, drainSeconds: seconds } });
    const most = serviceSchema.pick({ shutdown: true });
    expect(most.safeParse(stop(3600)).success).toBe(true);
    expect(most.safeParse(stop(3601)).success).toBe(false);
    const pod = readFileSync(join(root, "charts/service/templates/_pod.tpl"), "utf8");
    const [, margin] = /terminationGracePeriodSeconds: .*drainSeconds\) (\d+)/.exec(pod) ?? [];
    expect(args["max-graceful-termination-sec"]).toBe(2 * 3600 + Number(margin));
  });

  it("do not wait for the cluster's DNS, nor long for a node that is lost", () => {
    expect(values.dnsPolicy).toBe("Default");
    expect(values.tolerations).toEqual(
      ["not-ready", "unreachable"].map((condition) => ({
        key: `node.kubernetes.io/${condition}`,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 30,
      })),
    );
  });

  it("hold it to the pod security standard restricted", () => {
    expect(values).toMatchObject({
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containerSecurityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        readOnlyRootFilesystem: true,
      },
    });
  });

  it("give it the way to its credentials, from the volume that they are in", () => {
    const { extraEnv, extraVolumes, extraVolumeMounts } = values as {
      extraEnv: Record<string, string>;
      extraVolumes: { name: string; projected: { sources: { serviceAccountToken: { path: string } }[] } }[];
      extraVolumeMounts: { name: string; mountPath: string }[];
    };
    expect(extraEnv.AWS_CONTAINER_CREDENTIALS_FULL_URI).toBe("http://169.254.170.23/v1/credentials");
    const [volume] = extraVolumes;
    const [mount] = extraVolumeMounts;
    // Under this very name EKS would add one.
    expect([volume?.name, mount?.name]).toEqual(["eks-pod-identity-token", "eks-pod-identity-token"]);
    const { serviceAccountToken: token } = volume?.projected.sources[0] ?? {};
    expect(token).toMatchObject({ audience: "pods.eks.amazonaws.com" });
    expect(extraEnv.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE).toBe(`${mount?.mountPath}/${token?.path}`);
  });

  it("ask for what the rule of headroom counts", () => {
    const { requests } = values.resources as { requests: { cpu: string; memory: string } };
    const named = clusterPods(addonsOf(), { autoscaler: "cluster-autoscaler", min: 2 }).find(
      ({ name }) => name === "cluster-autoscaler",
    );
    expect(named).toEqual({
      name: "cluster-autoscaler",
      pods: values.replicaCount,
      cpuMillis: milliUnits(requests.cpu),
      memoryMiB: wholeUnits(requests.memory) / 2 ** 20,
    });
  });
});
