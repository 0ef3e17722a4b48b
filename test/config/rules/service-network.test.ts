import { describe, expect, it } from "vitest";
import { faultsOf } from "../config-of.ts";

const resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } };
const service = { build: { context: "app" }, port: 8080, resources };
const shared = {
  cluster: { target: "existing", context: "here" },
  namespace: "shop",
  images: { repository: "registry.example.com/shop" },
  services: { web: service, api: service },
};
const network = (fields: object) => faultsOf(shared, { services: { web: { network: fields } } });

describe("what a service may call", () => {
  it.each<[string, object]>([
    ["a range", { internet: false, cidrs: ["10.30.0.0/16", "2001:db8::/32"] }],
    ["ports of a range", { internet: false, cidrs: [{ cidr: "10.30.0.0/16", ports: [5432] }] }],
    ["another namespace", { namespaces: ["tracing", { namespace: "payments", service: "api", ports: [8080] }] }],
    ["the metadata service beside the Internet", { cidrs: ["169.254.169.254/32"] }],
  ])("can be %s", (_, egress) => {
    expect(network({ egress })).toEqual([]);
  });

  it.each<[string, object, string]>([
    [
      "a range that is open already",
      { cidrs: ["10.30.0.0/16"] },
      'network.egress.cidrs[0]: "10.30.0.0/16" given; open already: egress.internet is true',
    ],
    [
      "a single address without its length",
      { internet: false, cidrs: ["10.30.0.7"] },
      "must be an address range, such as 203.0.113.0/24 or 2001:db8::/32, or a map of cidr, ports and protocol",
    ],
    [
      "a port that is none",
      { internet: false, cidrs: [{ cidr: "10.30.0.0/16", ports: [0] }] },
      "network.egress.cidrs[0]",
    ],
    ["a namespace that cannot exist", { namespaces: ["My_Space"] }, "must be the name of a namespace"],
  ])("cannot be %s", (_, egress, message) => {
    expect(network({ egress })).toEqual([expect.stringContaining(message)]);
  });
});

describe("who may connect", () => {
  it("can be a service, another namespace or an address range", () => {
    const allowFrom = ["api", { namespace: "batch" }, { namespace: "batch", service: "jobs" }, { cidr: "10.0.0.0/20" }];
    expect(network({ allowFrom })).toEqual([]);
  });

  it.each([[{ service: "jobs" }], [{ namespace: "batch", cidr: "10.0.0.0/20" }], [{ cidr: "10.0.0.1" }]])(
    "cannot be %o",
    (caller) => {
      expect(network({ allowFrom: [caller] })).toEqual([
        expect.stringContaining(
          "must be a service of this environment, a map of namespace and service, or a map of cidr",
        ),
      ]);
    },
  );
});
