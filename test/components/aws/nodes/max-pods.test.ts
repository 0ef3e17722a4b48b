import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { architectureFault } from "../../../../components/aws/nodes/instance-type.ts";
import { maxPodsFault, maxPodsFor } from "../../../../components/aws/nodes/max-pods.ts";
import { t3Large, t3Medium, t4gMedium } from "./instance-types.ts";

const limits = fc.record({
  interfaces: fc.integer({ min: 2, max: 15 }),
  ipv4PerInterface: fc.integer({ min: 2, max: 50 }),
  vcpus: fc.integer({ min: 1, max: 192 }),
});
const nano = { ...t3Medium, name: "t3.nano", interfaces: 2, ipv4PerInterface: 2 };
const old = { ...t3Medium, name: "t2.medium", hypervisor: "xen" as const };

describe("maxPodsFor", () => {
  it("returns AWS's published figures", () => {
    expect(maxPodsFor(t3Medium, "secondary-ip")).toBe(17);
    expect(maxPodsFor(t3Large, "secondary-ip")).toBe(35);
    expect(maxPodsFor(t3Medium, "prefix")).toBe(110);
    expect(maxPodsFor(nano, "prefix")).toBe(34);
    expect(maxPodsFor({ interfaces: 15, ipv4PerInterface: 50, vcpus: 32 }, "prefix")).toBe(250);
  });

  it("never exceeds AWS's recommendation, and with prefixes is never lower than without", () => {
    fc.assert(
      fc.property(limits, (type) => {
        const most = type.vcpus > 30 ? 250 : 110;
        const pods = maxPodsFor(type, "prefix");
        expect(pods).toBeLessThanOrEqual(most);
        expect(pods).toBeGreaterThanOrEqual(Math.min(most, maxPodsFor(type, "secondary-ip")));
      }),
    );
  });
});

describe("maxPodsFault", () => {
  it("accepts the instance type's maximum and refuses one more", () => {
    fc.assert(
      fc.property(limits, (some) => {
        const instance = { ...t3Medium, ...some };
        const most = maxPodsFor(instance, "prefix");
        expect(maxPodsFault(most, [instance])).toBeUndefined();
        expect(maxPodsFault(most + 1, [instance])).toContain(`Lower it to ${most}`);
      }),
    );
  });

  it("names the type with the lowest maximum", () => {
    expect(maxPodsFault(50, [t3Medium, nano, t3Large])).toMatch(
      /t3\.nano .* 34 with prefix delegation\. Lower it to 34/,
    );
  });

  it("counts without prefixes on instances before Nitro", () => {
    expect(maxPodsFault(17, [t3Medium, old])).toBeUndefined();
    expect(maxPodsFault(50, [t3Medium, old])).toMatch(/t2\.medium runs, which is 17: it is not a Nitro instance/);
  });
});

describe("architectureFault", () => {
  it("refuses types of two architectures", () => {
    expect(architectureFault([t3Medium, t3Large])).toBeUndefined();
    expect(architectureFault([t3Medium, t3Large, t4gMedium])).toMatch(
      /t3\.medium is x86_64 and t4g\.medium is arm64; .* Take types of one architecture/,
    );
  });
});
