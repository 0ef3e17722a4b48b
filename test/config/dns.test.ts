import { describe, expect, it } from "vitest";
import { environmentOf, faultsOf } from "./config-of.ts";

const shared = {
  cluster: { target: "existing", context: "here" },
  namespace: "shop",
  images: { repository: "registry.example.com/shop" },
  services: {},
};

describe("the address of the cluster's DNS", () => {
  it("is what the team wrote, and otherwise the chart's business", () => {
    expect(environmentOf(shared).dns).toBeUndefined();
    const dns = { cidrs: ["10.100.0.10/32", "2001:db8::10/128"] };
    expect(environmentOf(shared, { dns }).dns).toEqual(dns);
  });

  it("must be ranges that a network policy can name", () => {
    for (const cidr of ["10.100.0.10", "::ffff:10.0.0.1/128", "dns.example.com"]) {
      expect(faultsOf(shared, { dns: { cidrs: [cidr] } }), cidr).toEqual([
        expect.stringContaining(`dns.cidrs[0]: "${cidr}" given; must be an address range, such as 203.0.113.0/24`),
      ]);
    }
  });

  it("must be in a namespace that can exist", () => {
    expect(faultsOf(shared, { dns: { namespace: "Kube_System" } })).toEqual([
      expect.stringContaining("must be the name of a namespace"),
    ]);
  });
});
