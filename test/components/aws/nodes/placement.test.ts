import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstWithoutRoom } from "../../../../components/aws/nodes/placement.ts";
import { type PodRequests, totalRequests } from "../../../../components/aws/nodes/pod-requests.ts";

const node = { cpuMillis: 1900, memoryMiB: 2800, pods: 30 };
const podRequests = (name: string, replicas: number, cpuMillis: number, memoryMiB: number): PodRequests => ({
  name,
  replicas,
  cpuMillis,
  memoryMiB,
});
const anyRequests = fc.array(
  fc.record({
    name: fc.constant("any"),
    replicas: fc.integer({ min: 1, max: 20 }),
    cpuMillis: fc.integer({ min: 0, max: 2000 }),
    memoryMiB: fc.integer({ min: 0, max: 3000 }),
  }),
  { maxLength: 8 },
);
const nodes = fc.integer({ min: 1, max: 12 });

describe("firstWithoutRoom", () => {
  it("accepts an exact fit and refuses one pod more, by CPU, memory and number of pods", () => {
    expect(firstWithoutRoom([podRequests("a", 4, 950, 1)], 2, node)).toBeUndefined();
    expect(firstWithoutRoom([podRequests("a", 5, 950, 1)], 2, node)?.name).toBe("a");
    expect(firstWithoutRoom([podRequests("a", 4, 1, 1400)], 2, node)).toBeUndefined();
    expect(firstWithoutRoom([podRequests("a", 5, 1, 1400)], 2, node)?.name).toBe("a");
    expect(firstWithoutRoom([podRequests("a", 60, 0, 0)], 2, node)).toBeUndefined();
    expect(firstWithoutRoom([podRequests("a", 61, 0, 0)], 2, node)?.name).toBe("a");
    expect(firstWithoutRoom([podRequests("a", 40, 0, 0), podRequests("b", 20, 0, 0)], 2, node)).toBeUndefined();
    expect(firstWithoutRoom([podRequests("a", 40, 0, 0), podRequests("b", 21, 0, 0)], 2, node)?.name).toBe("b");
  });

  it("places whole pods: three that each take over half a node do not fit two", () => {
    expect(firstWithoutRoom([podRequests("large", 3, 1000, 1000)], 2, node)?.name).toBe("large");
  });

  it("places large pods first and small ones in the gaps", () => {
    const small = podRequests("small", 8, 100, 100);
    const large = podRequests("large", 2, 1500, 2000);
    expect(firstWithoutRoom([small, large], 2, node)).toBeUndefined();
  });

  it("lets one-per-node pods stay pending without a node, but not without room", () => {
    const apart = { ...podRequests("ingress", 5, 1500, 64), onePerNode: true };
    expect(firstWithoutRoom([apart], 2, node)).toBeUndefined();
    expect(firstWithoutRoom([apart, podRequests("other", 3, 400, 64)], 2, node)?.name).toBe("other");
    expect(firstWithoutRoom([{ ...apart, onePerNode: false }], 2, node)?.name).toBe("ingress");
  });

  it("puts one-per-node pods on different nodes even if one node has room for both", () => {
    const full = podRequests("full", 1, 1900, 64);
    const pair = podRequests("ingress", 2, 100, 64);
    expect(firstWithoutRoom([full, pair], 2, node)).toBeUndefined();
    expect(firstWithoutRoom([full, { ...pair, onePerNode: true }], 2, node)?.name).toBe("ingress");
  });

  it("never places more than the nodes hold", () => {
    fc.assert(
      fc.property(anyRequests, nodes, (some, count) => {
        fc.pre(firstWithoutRoom(some, count, node) === undefined);
        const total = totalRequests(some);
        expect(total.cpuMillis).toBeLessThanOrEqual(count * node.cpuMillis);
        expect(total.memoryMiB).toBeLessThanOrEqual(count * node.memoryMiB);
        expect(total.pods).toBeLessThanOrEqual(count * node.pods);
      }),
    );
  });

  it("places everything on as many nodes as pods, and with one node more than needed", () => {
    fc.assert(
      fc.property(anyRequests, nodes, (some, count) => {
        const fitting = some.filter((w) => w.cpuMillis <= node.cpuMillis && w.memoryMiB <= node.memoryMiB);
        expect(firstWithoutRoom(fitting, totalRequests(fitting).pods, node)).toBeUndefined();
        fc.pre(firstWithoutRoom(fitting, count, node) === undefined);
        expect(firstWithoutRoom(fitting, count + 1, node)).toBeUndefined();
      }),
    );
  });
});
