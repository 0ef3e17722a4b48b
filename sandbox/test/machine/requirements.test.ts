import { describe, expect, it } from "vitest";
import { atLeast, MachineUnfitError, memoryFaults, platformFaults } from "../../machine/requirements.ts";

describe("platformFaults", () => {
  it("finds nothing on Linux as root", () => {
    expect(platformFaults("linux", 0)).toEqual([]);
  });

  it.each([
    ["darwin", 501, /^it runs darwin; .*needs Linux/],
    ["darwin", 0, /^it runs darwin/],
    ["win32", undefined, /^it runs win32/],
    ["linux", 1000, /not root \(uid 1000\).*sudo/],
  ])("names the one thing to fix on %s as %s", (platform, uid, fault) => {
    const faults = platformFaults(platform, uid);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(fault);
  });
});

describe("atLeast", () => {
  it.each([
    ["1.26.6", true],
    ["1.26.8", true],
    ["1.27", true],
    ["2.0.0", true],
    ["1.26.5", false],
    ["1.26", false],
    ["1.26rc1", false],
    ["1.9.99", false],
    ["unknown", false],
  ])("%s is 1.26.6 or later: %s", (version, expected) => {
    expect(atLeast(version, [1, 26, 6])).toBe(expected);
  });
});

describe("memoryFaults", () => {
  it.each([
    ["building", 3.8, 0.5, true],
    ["building", 3.3, 3.1, true],
    ["building", 3.3, 2.9, false],
    ["building", 1.9, 1.8, false],
    ["running", 1.9, 0.1, true],
    ["running", 1.7, 1.6, true],
    ["running", 1.0, 0.9, false],
  ] as const)("%s on a machine of %s GiB, %s free: enough is %s", (work, total, available, enough) => {
    expect(memoryFaults({ total, available }, work)).toHaveLength(enough ? 0 : 1);
  });

  it("says what the machine has and what is needed", () => {
    expect(memoryFaults({ total: 1.94, available: 1.2 }, "building")[0]).toContain(
      "its memory is 1.9 GiB, 1.2 of it free; the sandbox needs 4 GiB, or 3 GiB free, to build the tools",
    );
  });
});

describe("MachineUnfitError", () => {
  const { message } = new MachineUnfitError(["it runs darwin", "Go is not on PATH"]);

  it("lists every fault", () => {
    expect(message).toContain("  - it runs darwin\n  - Go is not on PATH\n");
  });

  it("shows how to use another cluster, without the sandbox", () => {
    expect(message).toContain("stacks/Pulumi.dev.yaml");
    expect(message).toContain("cluster: { target: existing, context: kind-kind }");
    expect(message).toContain("images: { repository: ");
    expect(message).toContain("pulumi up --stack dev");
    expect(message).not.toContain("local");
  });
});
