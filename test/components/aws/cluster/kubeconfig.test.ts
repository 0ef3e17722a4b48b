import { KubeConfig } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { kubeconfigOf } from "../../../../components/aws/cluster/kubeconfig.ts";

const cluster = {
  name: "shop-prod",
  endpoint: "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
  certificateAuthority: Buffer.from("-----BEGIN CERTIFICATE-----").toString("base64"),
  region: "eu-west-1",
};

describe("kubeconfigOf", () => {
  const config = new KubeConfig();
  config.loadFromString(kubeconfigOf(cluster));

  it("has one context, named like the cluster, for the Kubernetes client", () => {
    expect(config.getContexts().map(({ name }) => name)).toEqual(["shop-prod"]);
    expect(config.getCurrentContext()).toBe("shop-prod");
    expect(config.getCurrentCluster()).toMatchObject({
      server: cluster.endpoint,
      caData: cluster.certificateAuthority,
      skipTLSVerify: false,
    });
  });

  it("gets its token from the aws command, always as JSON", () => {
    expect(config.getCurrentUser()?.exec).toMatchObject({
      apiVersion: "client.authentication.k8s.io/v1beta1",
      command: "aws",
      args: ["eks", "get-token", "--cluster-name", "shop-prod", "--region", "eu-west-1", "--output", "json"],
    });
  });

  it("contains no credentials", () => {
    const { token, password, keyData, certData } = config.getCurrentUser() ?? {};
    expect([token, password, keyData, certData].filter(Boolean)).toEqual([]);
  });
});
