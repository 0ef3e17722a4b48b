import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reservedMemoryMiB } from "../../cluster/kubelet.ts";
import { countResumed } from "../../cluster/resumed-pods.ts";

describe("reservedMemoryMiB", () => {
  it("offers no more than the machine has on all nodes together, and something on each", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 1_000_000 }), fc.integer({ min: 1, max: 5 }), (total, nodes) => {
        const share = total - reservedMemoryMiB(total, nodes);
        expect(share).toBeGreaterThan(0);
        expect(share * nodes).toBeLessThanOrEqual(total);
      }),
    );
  });

  it("keeps 2 GiB free on a machine that has enough", () => {
    expect(16_384 - 2 * (16_384 - reservedMemoryMiB(16_384, 2))).toBe(2048);
  });
});

describe("countResumed", () => {
  const start = Date.parse("2026-01-01T12:00:00Z");
  const started = new Map([["node-1", start]]);
  const pod = (ready: string, since: string, more: object = {}) => ({
    metadata: {},
    spec: { nodeName: "node-1" },
    status: { phase: "Running", conditions: [{ type: "Ready", status: ready, lastTransitionTime: since }] },
    ...more,
  });

  it("ignores readiness from before the node's start", () => {
    expect(countResumed([pod("True", "2026-01-01T11:59:00Z")], started)).toEqual({ ready: 0, total: 1 });
    expect(countResumed([pod("True", "2026-01-01T12:00:03Z")], started)).toEqual({ ready: 1, total: 1 });
    expect(countResumed([pod("False", "2026-01-01T12:00:03Z")], started)).toEqual({ ready: 0, total: 1 });
  });

  it("does not wait for pods that are being deleted, have completed or have no node", () => {
    const over = [
      pod("False", "2026-01-01T12:00:03Z", { metadata: { deletionTimestamp: "2026-01-01T12:00:00Z" } }),
      pod("False", "2026-01-01T12:00:03Z", { spec: { nodeName: "node-1", restartPolicy: "Never" } }),
      pod("False", "2026-01-01T12:00:03Z", { status: { phase: "Succeeded" } }),
      pod("False", "2026-01-01T12:00:03Z", { spec: {} }),
    ];
    expect(countResumed(over, started)).toEqual({ ready: 0, total: 0 });
  });
});
