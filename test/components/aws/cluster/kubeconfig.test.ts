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

  it("is read by the Kubernetes client, its one context current and named as the cluster", () => {
    expect(config.getContexts().map(({ name }) => name)).toEqual(["shop-prod"]);
    expect(config.getCurrentContext()).toBe("shop-prod");
    expect(config.getCurrentCluster()).toMatchObject({
      server: cluster.endpoint,
      caData: cluster.certificateAuthority,
      skipTLSVerify: false,
    });
  });

  it("asks the aws command for a token, in JSON whatever the user's own format is", () => {
    expect(config.getCurrentUser()?.exec).toMatchObject({
      apiVersion: "client.authentication.k8s.io/v1beta1",
      command: "aws",
      args: ["eks", "get-token", "--cluster-name", "shop-prod", "--region", "eu-west-1", "--output", "json"],
    });
  });

  it("holds no credentials", () => {
    const { token, password, keyData, certData } = config.getCurrentUser() ?? {};
    expect([token, password, keyData, certData].filter(Boolean)).toEqual([]);
  });
});
