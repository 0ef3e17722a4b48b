import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { upgradeFault, versionFault } from "../../../../components/aws/cluster/kubernetes-version.ts";

const offered = [
  { version: "1.9", status: "UNSUPPORTED", endOfStandardSupport: "2019-11-04T00:00:00Z" },
  { version: "1.32", status: "EXTENDED_SUPPORT", endOfStandardSupport: "2026-03-23T00:00:00Z" },
  { version: "1.34", status: "STANDARD_SUPPORT", endOfStandardSupport: "2026-12-02T00:00:00Z" },
  { version: "1.35", status: "STANDARD_SUPPORT", endOfStandardSupport: "2027-03-27T00:00:00Z" },
];

describe("versionFault", () => {
  it("takes a version in standard support", () => {
    expect(versionFault("1.35", offered)).toBeUndefined();
  });

  it("names the day that support ended, and the versions to take with theirs, the newest first", () => {
    expect(versionFault("1.32", offered)).toEqual({
      path: ["cluster", "version"],
      message:
        "its standard support ended on 2026-03-23. In standard support are 1.35 (until 2027-03-27), " +
        "1.34 (until 2026-12-02). Take one of them",
    });
  });

  it("says of a version that EKS does not list that it is not offered", () => {
    expect(versionFault("1.60", offered)?.message).toMatch(/^EKS does not offer this version\. .*1\.35/);
  });

  it("orders versions by number, not by text", () => {
    const all = ["1.9", "1.10", "1.100"].map((version) => ({
      version,
      status: "STANDARD_SUPPORT",
      endOfStandardSupport: "2030-01-01T00:00:00Z",
    }));
    expect(versionFault("1.1", all)?.message).toMatch(/1\.100 .*1\.10 .*1\.9 /);
  });

  it("says so when there is none to take", () => {
    expect(versionFault("1.35", [])?.message).toBe(
      "EKS does not offer this version. EKS lists no version in standard support here. Check aws.region",
    );
  });
});

describe("upgradeFault", () => {
  const minor = fc.integer({ min: 20, max: 120 });
  const version = (of: number) => `1.${of}`;

  it("lets a cluster stay, and go up by one", () => {
    fc.assert(
      fc.property(minor, fc.integer({ min: 0, max: 1 }), (from, step) => {
        expect(upgradeFault(version(from), version(from + step))).toBeUndefined();
      }),
    );
  });

  it("refuses to skip a minor, and a way out that is refused in turn", () => {
    fc.assert(
      fc.property(minor, fc.integer({ min: 2, max: 60 }), (from, step) => {
        const fault = upgradeFault(version(from), version(from + step));
        const next = /Set (1\.\d+),/.exec(fault?.message ?? "")?.[1] ?? "";
        expect(next).toBe(version(from + 1));
        expect(upgradeFault(version(from), next)).toBeUndefined();
      }),
    );
  });

  it("refuses to go down, and names EKS's own rollback", () => {
    fc.assert(
      fc.property(minor, fc.integer({ min: 1, max: 19 }), (from, step) => {
        const fault = upgradeFault(version(from), version(from - step));
        expect(fault?.path).toEqual(["cluster", "version"]);
        expect(fault?.message).toContain(`Set ${version(from)}. `);
        expect(fault?.message).toContain("rollback-cluster.html");
      }),
    );
  });

  it("counts 1.9 to 1.10 as one step", () => {
    expect(upgradeFault("1.9", "1.10")).toBeUndefined();
  });
});
