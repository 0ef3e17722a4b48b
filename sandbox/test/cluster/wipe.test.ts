import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";

const home = mkdtempSync(join(tmpdir(), "slipway-test-"));
// Read once, when the first module of the sandbox is loaded.
vi.stubEnv("XDG_STATE_HOME", home);
const { isLeftByEks, noteDestruction } = await import("../../cluster/wipe.ts");
const states = join(home, "slipway/stacks/.pulumi/stacks/slipway");

const eks = { type: "aws:eks/cluster:Cluster", urn: "urn:pulumi:prod::slipway::aws:eks/cluster:Cluster::shop" };
const vpc = { type: "aws:ec2/vpc:Vpc", urn: "urn:pulumi:prod::slipway::aws:ec2/vpc:Vpc::shop" };

function deployed(stack: string, resources: object[]): void {
  writeFileSync(join(states, `${stack}.json`), JSON.stringify({ checkpoint: { latest: { resources } } }));
}

beforeEach(() => {
  rmSync(join(home, "slipway"), { recursive: true, force: true });
  mkdirSync(states, { recursive: true });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("what a deleted EKS cluster leaves behind", () => {
  it("is cleaned up once the stack has deleted the cluster, not before", () => {
    deployed("prod", [eks, vpc]);
    expect(isLeftByEks()).toBe(false);
    noteDestruction("prod");
    expect(isLeftByEks()).toBe(false);
    // The engine was killed here, or is still taking the network away.
    deployed("prod", [vpc]);
    expect(isLeftByEks()).toBe(true);
  });

  it("stays if the stack could not be destroyed", () => {
    deployed("prod", [eks, vpc]);
    noteDestruction("prod");
    expect(isLeftByEks()).toBe(false);
  });

  it("does not exist for a stack without an EKS cluster", () => {
    deployed("local", [vpc]);
    noteDestruction("local");
    deployed("local", []);
    expect(isLeftByEks()).toBe(false);
    expect(existsSync(join(home, "slipway/aws"))).toBe(false);
  });
});
