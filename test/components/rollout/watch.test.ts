import type { V1Pod } from "@kubernetes/client-node";
import { expect, it } from "vitest";
import { podFailure } from "../../../components/rollout/watch.ts";

const start = new Date("2026-01-01T00:00:00Z");
const after = (seconds: number) => start.valueOf() + seconds * 1000;
const pod = (status: V1Pod["status"], deleted = false): V1Pod => ({
  metadata: { name: "api-1", creationTimestamp: start, ...(deleted && { deletionTimestamp: start }) },
  status: { startTime: start, ...status },
});
const waiting = (reason: string) => ({
  containerStatuses: [
    {
      name: "api",
      image: "i",
      imageID: "",
      ready: false,
      restartCount: 2,
      state: { waiting: { reason } },
      lastState: { terminated: { exitCode: 1, reason: "Error" } },
    },
  ],
});

it.each([["CrashLoopBackOff"], ["ImagePullBackOff"], ["CreateContainerConfigError"]])(
  "reports %s at once",
  (reason) => {
    expect(podFailure(pod(waiting(reason)), 60, after(1))).toBe(`${reason} (Error 1)`);
  },
);

it("gives a container and a pod the time to start", () => {
  expect(podFailure(pod(waiting("ContainerCreating")), 60, after(59))).toBeUndefined();
  expect(podFailure(pod({}), 60, after(59))).toBeUndefined();
});

it("reports a start that takes too long", () => {
  expect(podFailure(pod({}), 60, after(61))).toContain("not ready within the 60 s");
});

it("reports neither a ready pod nor a terminating one", () => {
  expect(podFailure(pod({ conditions: [{ type: "Ready", status: "True" }] }), 60, after(999))).toBeUndefined();
  expect(podFailure(pod(waiting("CrashLoopBackOff"), true), 60, after(1))).toBeUndefined();
});

it("reports why a pod has no node", () => {
  const message = "0/2 nodes are available: 2 Insufficient cpu.";
  const conditions = [{ type: "PodScheduled", status: "False", message }];
  expect(podFailure(pod({ conditions }), 60, after(61))).toBe(`not scheduled: ${message}`);
});
