import type { V1Deployment, V1StatefulSet } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { isComplete, isWithin } from "../../../components/rollout/progress.ts";

const deployment = (status: V1Deployment["status"], replicas = 3): V1Deployment => ({
  metadata: { generation: 2 },
  spec: { replicas, selector: {}, template: {} },
  status: { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3, ...status },
});

const statefulSet = (status: Partial<V1StatefulSet["status"]>): V1StatefulSet => ({
  metadata: { generation: 2 },
  spec: { replicas: 3, selector: {}, template: {}, serviceName: "cache-headless" },
  status: {
    observedGeneration: 2,
    replicas: 3,
    updatedReplicas: 3,
    availableReplicas: 3,
    currentRevision: "b",
    updateRevision: "b",
    ...status,
  },
});

describe("a rollout is complete", () => {
  it("if all pods are of the new template and available, and no other is left", () => {
    expect(isComplete(deployment({}))).toBe(true);
    expect(isComplete(statefulSet({}))).toBe(true);
  });

  it.each([
    ["an old pod is left", { replicas: 4 }],
    ["a pod is still of the old template", { updatedReplicas: 2 }],
    ["a pod is ready, but not for minReadySeconds yet", { readyReplicas: 3, availableReplicas: 2 }],
    ["the status is of the object before", { observedGeneration: 1 }],
  ])("not while %s", (_, status) => {
    expect(isComplete(deployment(status))).toBe(false);
    expect(isComplete(statefulSet(status))).toBe(false);
  });

  it("not while the autoscaler wants more pods than there are", () => {
    expect(isComplete(deployment({}, 5))).toBe(false);
  });

  it("not while a StatefulSet is between two revisions", () => {
    expect(isComplete(statefulSet({ currentRevision: "a" }))).toBe(false);
  });

  it("with no pods, if none are wanted", () => {
    const none = deployment({ replicas: 0, updatedReplicas: 0, availableReplicas: 0 }, 0);
    expect(isComplete(none)).toBe(true);
  });

  it("not if it has no status yet", () => {
    expect(isComplete({ metadata: {}, spec: { selector: {}, template: {} } })).toBe(false);
  });
});

it("a number of pods is within the bounds of the config, or the autoscaler has not followed yet", () => {
  expect(isWithin(deployment({}), { min: 4, max: 8 })).toBe(false);
  expect(isWithin(deployment({}), { min: 1, max: 2 })).toBe(false);
  expect(isWithin(deployment({}), { min: 3, max: 3 })).toBe(true);
  expect(isWithin(deployment({}, 0), { min: 0, max: 0 })).toBe(true);
});
