import { expect, it } from "vitest";
import { parse } from "yaml";
import { nodeConfig } from "../../../../components/aws/nodes/node-config.ts";

const cluster = {
  name: "shop-prod",
  endpoint: "https://ABC.gr7.ap-northeast-2.eks.amazonaws.com",
  certificateAuthority: "Y2VydGlmaWNhdGU=",
  serviceCidr: "172.20.0.0/16",
};

/** Parses a MIME document: headers, blank line, parts between boundaries. */
function partsOf(text: string): { headers: Record<string, string>; body: string }[] {
  const [head = "", ...rest] = text.split("\n\n");
  const boundary = /^Content-Type: multipart\/mixed; boundary="([^"]+)"$/m.exec(head)?.[1];
  const [inner, end] = rest.join("\n\n").split(`--${boundary}--`);
  expect(end, "text after the last boundary").toBe("\n");
  return (inner ?? "")
    .split(`--${boundary}\n`)
    .slice(1)
    .map((part) => {
      const [headers = "", ...body] = part.split("\n\n");
      return {
        headers: Object.fromEntries(headers.split("\n").map((line) => line.split(": ") as [string, string])),
        body: body.join("\n\n"),
      };
    });
}

it("is a MIME document with one NodeConfig, with what a node needs to join", () => {
  const text = nodeConfig({ cluster, maxPods: 50 });
  expect(text.startsWith("MIME-Version: 1.0\n")).toBe(true);
  const parts = partsOf(text);
  expect(parts).toHaveLength(1);
  expect(parts[0]?.headers).toEqual({ "Content-Type": "application/node.eks.aws" });
  expect(parse(parts[0]?.body ?? "")).toEqual({
    apiVersion: "node.eks.aws/v1alpha1",
    kind: "NodeConfig",
    spec: {
      cluster: {
        name: "shop-prod",
        apiServerEndpoint: cluster.endpoint,
        certificateAuthority: "Y2VydGlmaWNhdGU=",
        cidr: "172.20.0.0/16",
      },
      kubelet: { config: { maxPods: 50, kubeReserved: { memory: "805Mi" } } },
    },
  });
});

it("reserves memory for maxPods pods", () => {
  expect(nodeConfig({ cluster, maxPods: 110 })).toContain('"memory": "1465Mi"');
});
