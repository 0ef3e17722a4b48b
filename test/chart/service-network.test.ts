import type { V1NetworkPolicy } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { only, renderService } from "./render.ts";

const SELECTOR = { "app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "web" };

describe("the network policy", () => {
  const policyOf = async (values = {}) => only<V1NetworkPolicy>(await renderService(values), "NetworkPolicy").spec;
  /** As YAML has it: the client's types call `from` `_from`. */
  const rulesOf = async (values = {}) =>
    JSON.parse(JSON.stringify(await policyOf(values))) as { ingress: unknown[]; egress: unknown[] };
  const peer = (name: string) => ({ podSelector: { matchLabels: { "app.kubernetes.io/name": name } } });
  const dns = {
    ports: [
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP" },
    ],
    to: [
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } },
      { ipBlock: { cidr: "169.254.20.10/32" } },
    ],
  };

  it("denies traffic in both directions by default", async () => {
    expect(await policyOf()).toMatchObject({
      podSelector: { matchLabels: SELECTOR },
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
    });
  });

  it("allows the ingress controller's namespace if there are hosts", async () => {
    const { ingress } = await rulesOf({ hosts: ["a.example.com"], ingressNamespace: "edge" });
    expect(ingress).toEqual([
      {
        ports: [{ port: "http", protocol: "TCP" }],
        from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "edge" } } }],
      },
    ]);
  });

  it("allows the services that are named", async () => {
    const { ingress } = await rulesOf({ network: { allowFrom: ["api", "worker"] } });
    expect(ingress).toEqual([{ ports: [{ port: "http", protocol: "TCP" }], from: [peer("api"), peer("worker")] }]);
  });

  it("allows pods of a StatefulSet to talk to each other", async () => {
    const { ingress } = await rulesOf({ kind: "stateful" });
    expect(ingress).toEqual([{ from: [{ podSelector: { matchLabels: SELECTOR } }] }]);
  });

  it("allows calls to DNS, the namespace and the Internet, but not to the node's credentials", async () => {
    expect((await rulesOf()).egress).toEqual([
      dns,
      { to: [{ podSelector: {} }] },
      {
        to: [
          { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } },
          { ipBlock: { cidr: "::/0", except: ["fd00:ec2::254/128"] } },
        ],
      },
    ]);
  });

  it("allows DNS at an address outside and in another namespace, each on its own port", async () => {
    const ports = (port: number) => [
      { port, protocol: "UDP" },
      { port, protocol: "TCP" },
    ];
    const pods = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "openshift-dns" } } };
    const { egress } = await rulesOf({ dns: { namespace: "openshift-dns", port: 5353, cidrs: ["10.100.0.10/32"] } });
    expect(egress.slice(0, 2)).toEqual([
      {
        ports: ports(53),
        to: [{ ipBlock: { cidr: "169.254.20.10/32" } }, { ipBlock: { cidr: "10.100.0.10/32" } }],
      },
      { ports: ports(5353), to: [pods] },
    ]);
    const [only] = (await rulesOf({ dns: { cidrs: ["10.100.0.10/32"] } })).egress as (typeof dns)[];
    expect(only).toEqual({ ...dns, to: [...dns.to, { ipBlock: { cidr: "10.100.0.10/32" } }] });
  });

  it("limits calls to what is named", async () => {
    const egress = { internet: false, services: ["pricing"], cidrs: ["10.20.0.0/16"] };
    expect((await rulesOf({ network: { egress } })).egress).toEqual([
      dns,
      { to: [peer("pricing")] },
      { to: [{ ipBlock: { cidr: "10.20.0.0/16" } }] },
    ]);
  });
});
