import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { totalOf, type Workload } from "../../../../components/aws/cluster/workload.ts";
import { firstWithoutRoom } from "../../../../components/aws/nodes/placement.ts";

const node = { cpuMillis: 1900, memoryMiB: 2800, pods: 30 };
const workload = (name: string, pods: number, cpuMillis: number, memoryMiB: number): Workload => ({
  name,
  pods,
  cpuMillis,
  memoryMiB,
});
const workloads = fc.array(
  fc.record({
    name: fc.constant("any"),
    pods: fc.integer({ min: 1, max: 20 }),
    cpuMillis: fc.integer({ min: 0, max: 2000 }),
    memoryMiB: fc.integer({ min: 0, max: 3000 }),
  }),
  { maxLength: 8 },
);
const nodes = fc.integer({ min: 1, max: 12 });

describe("firstWithoutRoom", () => {
  it("finds a node for each of what fits exactly, in each dimension", () => {
    expect(firstWithoutRoom([workload("a", 4, 950, 1)], 2, node)).toBeUndefined();
    expect(firstWithoutRoom([workload("a", 5, 950, 1)], 2, node)?.name).toBe("a");
    expect(firstWithoutRoom([workload("a", 4, 1, 1400)], 2, node)).toBeUndefined();
    expect(firstWithoutRoom([workload("a", 5, 1, 1400)], 2, node)?.name).toBe("a");
    expect(firstWithoutRoom([workload("a", 60, 0, 0)], 2, node)).toBeUndefined();
    expect(firstWithoutRoom([workload("a", 61, 0, 0)], 2, node)?.name).toBe("a");
    expect(firstWithoutRoom([workload("a", 40, 0, 0), workload("b", 20, 0, 0)], 2, node)).toBeUndefined();
    expect(firstWithoutRoom([workload("a", 40, 0, 0), workload("b", 21, 0, 0)], 2, node)?.name).toBe("b");
  });

  it("is not taken in by sums: three halves and a bit fit no two nodes", () => {
    expect(firstWithoutRoom([workload("large", 3, 1000, 1000)], 2, node)?.name).toBe("large");
  });

  it("places the large before the small, which fill the gaps", () => {
    const small = workload("small", 8, 100, 100);
    const large = workload("large", 2, 1500, 2000);
    expect(firstWithoutRoom([small, large], 2, node)).toBeUndefined();
  });

  it("lets pods that are kept apart wait for a node, but not for room", () => {
    const apart = { ...workload("ingress", 5, 1500, 64), apart: true };
    expect(firstWithoutRoom([apart], 2, node)).toBeUndefined();
    expect(firstWithoutRoom([apart, workload("other", 3, 400, 64)], 2, node)?.name).toBe("other");
    expect(firstWithoutRoom([{ ...apart, apart: false }], 2, node)?.name).toBe("ingress");
  });

  it("keeps apart what is to be kept apart, though one node had room for both", () => {
    const full = workload("full", 1, 1900, 64);
    const pair = workload("ingress", 2, 100, 64);
    expect(firstWithoutRoom([full, pair], 2, node)).toBeUndefined();
    expect(firstWithoutRoom([full, { ...pair, apart: true }], 2, node)?.name).toBe("ingress");
  });

  it("never places more than the nodes have", () => {
    fc.assert(
      fc.property(workloads, nodes, (some, count) => {
        fc.pre(firstWithoutRoom(some, count, node) === undefined);
        const total = totalOf(some);
        expect(total.cpuMillis).toBeLessThanOrEqual(count * node.cpuMillis);
        expect(total.memoryMiB).toBeLessThanOrEqual(count * node.memoryMiB);
        expect(total.pods).toBeLessThanOrEqual(count * node.pods);
      }),
    );
  });

  it("places all on as many nodes as there are pods that fit one, and still does with one node more", () => {
    fc.assert(
      fc.property(workloads, nodes, (some, count) => {
        const fitting = some.filter((w) => w.cpuMillis <= node.cpuMillis && w.memoryMiB <= node.memoryMiB);
        expect(firstWithoutRoom(fitting, totalOf(fitting).pods, node)).toBeUndefined();
        fc.pre(firstWithoutRoom(fitting, count, node) === undefined);
        expect(firstWithoutRoom(fitting, count + 1, node)).toBeUndefined();
      }),
    );
  });
});
