import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocatable, reservedMemoryMiB } from "../../../../components/aws/nodes/allocatable.ts";

describe("allocatable", () => {
  it("is at most 2 % below what a real node reports, and never above", () => {
    // A t3.small on EKS 1.34: capacity 1959264Ki, allocatable 1930m, 1471840Ki and 11 pods.
    const reported = 1_471_840 / 1024;
    const planned = allocatable({ memoryMiB: 2048, vcpus: 2, maxPods: 11 });
    expect(planned).toMatchObject({ cpuMillis: 1930, pods: 11 });
    expect(planned.memoryMiB).toBeLessThanOrEqual(reported);
    expect(planned.memoryMiB).toBeGreaterThan(reported * 0.98);
  });

  it("reserves the same CPU as EKS's image", () => {
    const reserved = (vcpus: number) => vcpus * 1000 - allocatable({ memoryMiB: 0, vcpus, maxPods: 4 }).cpuMillis;
    expect([1, 2, 4, 8, 16].map(reserved)).toEqual([60, 70, 80, 90, 110]);
  });

  it("is never negative, grows with the instance and shrinks with maxPods", () => {
    const node = fc.record({
      memoryMiB: fc.integer({ min: 512, max: 2 ** 20 }),
      vcpus: fc.integer({ min: 1, max: 192 }),
      maxPods: fc.integer({ min: 4, max: 250 }),
    });
    fc.assert(
      fc.property(node, (small) => {
        const room = allocatable(small);
        const larger = allocatable({ ...small, memoryMiB: small.memoryMiB * 2, vcpus: small.vcpus + 1 });
        const fuller = allocatable({ ...small, maxPods: small.maxPods + 1 });
        expect(room.memoryMiB).toBeGreaterThanOrEqual(0);
        expect(larger.memoryMiB).toBeGreaterThanOrEqual(room.memoryMiB);
        expect(larger.cpuMillis).toBeGreaterThan(room.cpuMillis);
        expect(fuller.memoryMiB).toBeLessThanOrEqual(room.memoryMiB);
        expect(room.memoryMiB + reservedMemoryMiB(small.maxPods)).toBeLessThanOrEqual(
          Math.max(small.memoryMiB, reservedMemoryMiB(small.maxPods)),
        );
      }),
    );
  });
});
