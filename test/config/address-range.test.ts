import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalRange, sameSpelling } from "../../config/address-range.ts";
import { environmentOf } from "./config-of.ts";
import { existing, faultsOfServices, service } from "./service-base.ts";

describe("the canonical form of a range", () => {
  it.each([
    ["10.0.0.7/16", "10.0.0.0/16"],
    ["10.0.0.7/32", "10.0.0.7/32"],
    ["FD00:EC2::254/128", "fd00:ec2::254/128"],
    ["fd00:0ec2:0:0:0:0:0:254/128", "fd00:ec2::254/128"],
    ["2001:db8::7/32", "2001:db8::/32"],
    ["2001:db8:ffff::/33", "2001:db8:8000::/33"],
    ["1:0:0:2:0:0:0:3/128", "1:0:0:2::3/128"],
    ["1:0:2:3:4:5:6:7/128", "1:0:2:3:4:5:6:7/128"],
    ["::1/0", "::/0"],
  ])("of %s is %s", (range, canonical) => {
    expect(canonicalRange(range)).toBe(canonical);
    expect(canonicalRange(canonical)).toBe(canonical);
  });

  it("of an address alone is another spelling of the same", () => {
    fc.assert(
      fc.property(
        fc.ipV6().filter((address) => !address.includes(".")),
        (address) => {
          const range = `${address}/128`;
          expect(canonicalRange(range)).toBe(sameSpelling(range));
          expect(new URL(`http://[${address}]`).hostname).toBe(`[${sameSpelling(range).split("/")[0]}]`);
        },
      ),
    );
  });
});

describe("a range with bits behind its prefix is refused", () => {
  const closed = (egress: object) => ({ network: { egress: { internet: false, ...egress } } });
  it.each<[string, object]>([
    ["network.allowFrom[0].cidr", { network: { allowFrom: [{ cidr: "10.0.0.7/16" }] } }],
    ["network.egress.cidrs[0]", closed({ cidrs: ["10.0.0.7/16"] })],
    ["network.egress.cidrs[0].cidr", closed({ cidrs: [{ cidr: "10.0.0.7/16", ports: [80] }] })],
  ])("in %s", (path, fields) => {
    expect(faultsOfServices({ web: fields })).toEqual([
      expect.stringMatching(
        `^services.yaml: services.web.${path.replaceAll(/[[\]]/g, "\\$&")}: .*Use 10.0.0.0/16, or 10.0.0.7/32`,
      ),
    ]);
  });

  it("in dns.cidrs, and in IPv6", () => {
    expect(faultsOfServices({ web: {} }, { dns: { cidrs: ["fd00::7/64"] } })).toEqual([
      expect.stringContaining(
        'dns.cidrs[0]: "fd00::7/64" given; not the first address of its range. Use fd00::/64, or fd00::7/128',
      ),
    ]);
  });
});

it("a range of IPv6 reaches the chart in one spelling, so that the metadata service is found in it", () => {
  const cidrs = ["FD00:EC2::254/128", { cidr: "2001:DB8::/32", ports: [443] }];
  const web = { ...service, network: { egress: { internet: false, cidrs } } };
  const { services } = environmentOf({ ...existing, services: { web } });
  expect(services[0]?.chartFields.network?.egress?.cidrs).toEqual([
    "fd00:ec2::254/128",
    { cidr: "2001:db8::/32", ports: [443] },
  ]);
});
