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

  const inNamespace = (name: string) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
  });
  const podIdentity = {
    ports: [{ port: 80, protocol: "TCP" }],
    to: [{ ipBlock: { cidr: "169.254.170.23/32" } }, { ipBlock: { cidr: "fd00:ec2::23/128" } }],
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

  it("allows the ranges of the ingress controller's pods besides its namespace, on the routed ports only", async () => {
    const ingressRanges = ["10.0.0.0/18", "10.0.64.0/18"];
    const blocks = ingressRanges.map((cidr) => ({ ipBlock: { cidr } }));
    const ports = { stats: { port: 8125, protocol: "UDP" } };
    const values = { ports, hosts: ["a.example.com"], network: { allowFrom: ["api"] }, ingressRanges };
    const { ingress } = await rulesOf(values);
    expect(ingress[0]).toEqual({
      ports: [{ port: "http", protocol: "TCP" }],
      from: [inNamespace("ingress"), ...blocks],
    });
    expect(JSON.stringify(ingress[1])).not.toContain("ipBlock");
    expect((await rulesOf({ ingressRanges })).ingress).toEqual([]);
  });

  it("allows the services that are named", async () => {
    const { ingress } = await rulesOf({ network: { allowFrom: ["api", "worker"] } });
    expect(ingress).toEqual([{ ports: [{ port: "http", protocol: "TCP" }], from: [peer("api"), peer("worker")] }]);
  });

  it("allows services to call all ports, and the ingress controller only those that it routes to", async () => {
    const ports = { stats: { port: 8125, protocol: "UDP" } };
    const { ingress } = await rulesOf({ ports, hosts: ["a.example.com"], network: { allowFrom: ["api"] } });
    expect(ingress).toEqual([
      { ports: [{ port: "http", protocol: "TCP" }], from: [inNamespace("ingress")] },
      {
        ports: [
          { port: "http", protocol: "TCP" },
          { port: "stats", protocol: "UDP" },
        ],
        from: [peer("api")],
      },
    ]);
  });

  it("allows the ingress controller and services in one rule if they call the same ports", async () => {
    const { ingress } = await rulesOf({ hosts: ["a.example.com"], network: { allowFrom: ["api"] } });
    expect(ingress).toEqual([
      { ports: [{ port: "http", protocol: "TCP" }], from: [inNamespace("ingress"), peer("api")] },
    ]);
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
      podIdentity,
      { to: [{ ipBlock: { cidr: "10.20.0.0/16" } }] },
    ]);
  });

  it("allows calls to no service if the list is empty, and to all if there is none", async () => {
    const egress = async (values: object) => (await rulesOf(values)).egress;
    const closed = (fields = {}) => ({ network: { egress: { internet: false, ...fields } } });
    const members = { to: [{ podSelector: { matchLabels: SELECTOR } }] };
    expect(await egress(closed({ services: [] }))).toEqual([dns, podIdentity]);
    expect(await egress({ kind: "stateful", ...closed({ services: [] }) })).toEqual([dns, members, podIdentity]);
    expect(await egress(closed())).toEqual([dns, { to: [{ podSelector: {} }] }, podIdentity]);
  });

  it("limits calls to a protocol that is given without ports", async () => {
    const udp = { ports: [{ protocol: "UDP" }] };
    const cidrs = [{ cidr: "10.1.0.0/16", protocol: "UDP" }];
    const namespaces = [{ namespace: "tracing", protocol: "UDP" }];
    const network = { egress: { internet: false, services: [], cidrs, namespaces } };
    expect((await rulesOf({ network })).egress.slice(2)).toEqual([
      { ...udp, to: [{ ipBlock: { cidr: "10.1.0.0/16" } }] },
      { ...udp, to: [inNamespace("tracing")] },
    ]);
  });

  it("allows members of a stateful service to call each other, whatever else they may call", async () => {
    const network = { egress: { internet: false, services: ["pricing"] } };
    expect((await rulesOf({ kind: "stateful", network })).egress).toEqual([
      dns,
      { to: [peer("pricing")] },
      { to: [{ podSelector: { matchLabels: SELECTOR } }] },
      podIdentity,
    ]);
  });

  it.each([
    ["0.0.0.0/0", ["169.254.169.254/32"]],
    ["169.254.0.0/16", ["169.254.169.254/32"]],
    ["169.254.169.254/31", ["169.254.169.254/32"]],
    ["169.254.168.0/21", ["169.254.169.254/32"]],
    ["::/0", ["fd00:ec2::254/128"]],
    ["fd00:0EC2::/32", ["fd00:ec2::254/128"]],
    ["fc00::/7", ["fd00:ec2::254/128"]],
    ["fd00:ec2:0:0:0:0:0:200/119", ["fd00:ec2::254/128"]],
    ["169.254.169.254/32", undefined],
    ["169.254.170.0/24", undefined],
    ["10.0.0.0/8", undefined],
    ["fd00:ec2::254/128", undefined],
    ["FD00:EC2:0::254/128", undefined],
    ["fd00:ec2::/119", undefined],
    ["2001:db8::/32", undefined],
  ])("opens the range %s, but not the node's credentials in it unless they are named: %o", async (cidr, except) => {
    const { egress } = await rulesOf({ network: { egress: { internet: false, cidrs: [cidr] } } });
    expect(egress.at(-1)).toEqual({ to: [{ ipBlock: { cidr, ...(except && { except }) } }] });
  });

  it("limits calls to the ports of a range", async () => {
    const cidrs = [
      "10.20.0.0/16",
      { cidr: "0.0.0.0/0", ports: [443, 8443] },
      { cidr: "10.30.0.0/16" },
      { cidr: "2001:db8::/32", ports: [53], protocol: "UDP" },
    ];
    expect((await rulesOf({ network: { egress: { internet: false, cidrs } } })).egress.slice(3)).toEqual([
      { to: [{ ipBlock: { cidr: "10.20.0.0/16" } }, { ipBlock: { cidr: "10.30.0.0/16" } }] },
      {
        ports: [
          { port: 443, protocol: "TCP" },
          { port: 8443, protocol: "TCP" },
        ],
        to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } }],
      },
      { ports: [{ port: 53, protocol: "UDP" }], to: [{ ipBlock: { cidr: "2001:db8::/32" } }] },
    ]);
  });

  it("allows calls to other namespaces that are named, whole or one service of them", async () => {
    const namespaces = ["tracing", { namespace: "payments", service: "api", ports: [8080] }];
    const { egress } = await rulesOf({ network: { egress: { internet: false, namespaces } } });
    expect(egress.slice(3)).toEqual([
      { to: [inNamespace("tracing")] },
      {
        ports: [{ port: 8080, protocol: "TCP" }],
        to: [{ ...inNamespace("payments"), ...peer("api") }],
      },
    ]);
  });

  it("allows callers of other namespaces and outside the cluster that are named", async () => {
    const allowFrom = [
      "api",
      { namespace: "batch" },
      { namespace: "payments", service: "api" },
      { cidr: "10.0.0.0/20" },
    ];
    const { ingress } = await rulesOf({ network: { allowFrom } });
    expect(ingress).toEqual([
      {
        ports: [{ port: "http", protocol: "TCP" }],
        from: [
          peer("api"),
          inNamespace("batch"),
          { ...inNamespace("payments"), ...peer("api") },
          { ipBlock: { cidr: "10.0.0.0/20" } },
        ],
      },
    ]);
  });
});
