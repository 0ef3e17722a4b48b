import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { supportWarning, upgradeFault, versionFault } from "../../../../components/aws/cluster/kubernetes-version.ts";

const offered = [
  { version: "1.9", status: "UNSUPPORTED", endOfStandardSupport: "2019-11-04T00:00:00Z" },
  { version: "1.33", status: "EXTENDED_SUPPORT", endOfStandardSupport: "2026-07-29T00:00:00Z" },
  { version: "1.35", status: "STANDARD_SUPPORT", endOfStandardSupport: "2027-03-27T00:00:00Z" },
  { version: "1.36", status: "STANDARD_SUPPORT", endOfStandardSupport: "2027-08-02T00:00:00Z" },
];

describe("supportWarning", () => {
  const on = (date: string, version = "1.35", list = offered) => supportWarning(version, list, Date.parse(date));

  it("begins 120 days before the end of standard support, and names the version to take", () => {
    expect(on("2026-11-26T00:00:00Z")).toBeUndefined();
    expect(on("2026-11-27T12:00:00Z")).toMatch(
      /1\.35 ends on 2027-03-27, in 119 days\. .* set cluster\.version to "1\.36"/,
    );
    expect(on("2026-11-27T12:00:00Z", "1.36")).toBeUndefined();
  });

  it("goes on after the end, and says so", () => {
    expect(on("2027-04-01T00:00:00Z")).toMatch(/ended on 2027-03-27\. EKS upgrades the cluster at any time/);
  });

  it("names no version that EKS does not offer", () => {
    expect(on("2027-07-01T00:00:00Z", "1.36")).toMatch(/EKS does not offer 1\.37 here yet/);
    expect(on("2027-07-01T00:00:00Z", "1.60")).toBeUndefined();
  });
});

describe("versionFault", () => {
  it("accepts a version in standard support", () => {
    expect(versionFault("1.35", offered)).toBeUndefined();
    expect(versionFault("1.36", offered)).toBeUndefined();
  });

  it("says when standard support ended and lists the versions to take, newest first", () => {
    const fault = versionFault("1.33", offered);
    expect(fault?.path).toEqual(["cluster", "version"]);
    expect(fault?.message).toMatch(/ended on 2026-07-29\. .*1\.36 \(until 2027-08-02\), 1\.35 \(until 2027-03-27\)/);
  });

  it("refuses a version that EKS does not list", () => {
    expect(versionFault("1.60", offered)?.message).toMatch(/^EKS does not offer this version\. .*1\.36/);
  });

  it("sorts versions by number, not as text", () => {
    const all = ["1.9", "1.10", "1.100"].map((version) => ({
      version,
      status: "STANDARD_SUPPORT",
      endOfStandardSupport: "2030-01-01T00:00:00Z",
    }));
    expect(versionFault("1.1", all)?.message).toMatch(/1\.100 .*1\.10 .*1\.9 /);
  });

  it("suggests to check the region if EKS lists no version", () => {
    expect(versionFault("1.36", [])?.message).toMatch(/no version in standard support here\. Check aws\.region/);
  });
});

describe("upgradeFault", () => {
  const minor = fc.integer({ min: 20, max: 120 });
  const version = (of: number) => `1.${of}`;

  it("accepts the same minor version and the next one", () => {
    fc.assert(
      fc.property(minor, fc.integer({ min: 0, max: 1 }), (from, step) => {
        expect(upgradeFault(version(from), version(from + step))).toBeUndefined();
      }),
    );
  });

  it("refuses to skip a minor version and suggests the next one", () => {
    fc.assert(
      fc.property(minor, fc.integer({ min: 2, max: 60 }), (from, step) => {
        const fault = upgradeFault(version(from), version(from + step));
        const next = /Set (1\.\d+),/.exec(fault?.message ?? "")?.[1] ?? "";
        expect(next).toBe(version(from + 1));
        expect(upgradeFault(version(from), next)).toBeUndefined();
      }),
    );
  });

  it("refuses a downgrade and names EKS's rollback", () => {
    fc.assert(
      fc.property(minor, fc.integer({ min: 1, max: 19 }), (from, step) => {
        const fault = upgradeFault(version(from), version(from - step));
        expect(fault?.path).toEqual(["cluster", "version"]);
        expect(fault?.message).toContain(`Set ${version(from)}. `);
        expect(fault?.message).toContain("rollback-cluster.html");
      }),
    );
  });

  it("treats 1.10 as the version after 1.9", () => {
    expect(upgradeFault("1.9", "1.10")).toBeUndefined();
  });
});
