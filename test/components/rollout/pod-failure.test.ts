import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { podFailure } from "../../../components/rollout/pod-failure.ts";

const start = new Date("2026-01-01T00:00:00Z");
const after = (seconds: number) => start.valueOf() + seconds * 1000;
const allowance = { startupSeconds: 60, maxRestarts: 2 };

const pod = (status: V1Pod["status"], deleted = false): V1Pod => ({
  metadata: { name: "api-1", creationTimestamp: start, ...(deleted && { deletionTimestamp: start }) },
  status: { startTime: start, ...status },
});
const container = (over: Partial<V1ContainerStatus>): V1ContainerStatus => ({
  name: "api",
  image: "i",
  imageID: "",
  ready: false,
  restartCount: 0,
  ...over,
});
const crashing = (restartCount: number) =>
  container({
    restartCount,
    state: { waiting: { reason: "CrashLoopBackOff" } },
    lastState: { terminated: { exitCode: 1, reason: "Error" } },
  });
const waiting = (reason: string, message?: string) =>
  container({ state: { waiting: { reason, ...(message && { message }) } } });
const failure = (status: V1Pod["status"], seconds = 1) => podFailure(pod(status), allowance, after(seconds));

describe("a crash", () => {
  it("is reported at once with its exit code, and is final after one restart more than is allowed", () => {
    const reason = "CrashLoopBackOff (Error 1)";
    expect(failure({ containerStatuses: [crashing(1)] })).toMatchObject({ reason, isFinal: false });
    expect(failure({ containerStatuses: [crashing(2)] })).toMatchObject({ reason, isFinal: true });
  });

  it("is one as soon as the container has ended, which the kubelet may report for the whole back-off", () => {
    const ended = (exitCode: number) => ({
      ...container({ restartCount: 2, state: { terminated: { exitCode, reason: "Error", message: "no mailbox" } } }),
    });
    expect(failure({ containerStatuses: [ended(1)] })).toMatchObject({
      reason: "CrashLoopBackOff (Error 1)",
      detail: "no mailbox",
      isFinal: true,
    });
    expect(failure({ containerStatuses: [ended(0)] })?.isFinal).toBe(true);
    expect(failure({ initContainerStatuses: [ended(1)] })?.isFinal).toBe(true);
    expect(failure({ initContainerStatuses: [ended(0)] })).toBeUndefined();
  });

  it("of an init container counts as well", () => {
    expect(failure({ initContainerStatuses: [crashing(2)] })?.isFinal).toBe(true);
  });

  it("names its container if it is not the service's own", () => {
    const proxy = { ...crashing(2), name: "proxy" };
    const found = failure({ initContainerStatuses: [proxy], containerStatuses: [container({})] });
    expect(found).toMatchObject({ reason: "container proxy: CrashLoopBackOff (Error 1)", container: "proxy" });
  });
});

describe("an image", () => {
  it("that does not exist is final", () => {
    const message =
      'Back-off pulling image "shop/api@sha256:1": ErrImagePull: rpc error: code = NotFound desc = not found';
    expect(failure({ containerStatuses: [waiting("ImagePullBackOff", message)] })?.isFinal).toBe(true);
  });

  it("that the registry hides from who is not logged in is reported only, because the login may come", () => {
    const hidden =
      "pull access denied, repository does not exist or may require authorization: server message: no basic auth credentials";
    const token = "failed to fetch anonymous token: unexpected status: 404 Not Found";
    for (const message of [hidden, token])
      expect(failure({ containerStatuses: [waiting("ErrImagePull", message)] })?.isFinal).toBe(false);
  });

  it("that cannot be pulled for another reason is reported only, because the registry may answer later", () => {
    const message = "failed to pull: 429 Too Many Requests";
    const found = failure({ containerStatuses: [waiting("ErrImagePull", message)] });
    expect(found).toMatchObject({ reason: "ErrImagePull", isFinal: false });
  });
});

it("a Secret that is missing is final after 30 s: it may be made yet", () => {
  const missing = { containerStatuses: [waiting("CreateContainerConfigError", 'secret "db" not found')] };
  expect(failure(missing, 29)).toMatchObject({ isFinal: false });
  expect(failure(missing, 31)).toMatchObject({ isFinal: true });
});

it("a config that the kubelet refuses is final, unless it could only not read it in time", () => {
  expect(failure({ containerStatuses: [waiting("CreateContainerConfigError")] })?.isFinal).toBe(true);
  const message = "failed to sync secret cache: timed out waiting for the condition";
  expect(failure({ containerStatuses: [waiting("CreateContainerConfigError", message)] })?.isFinal).toBe(false);
});

describe("a slow start", () => {
  const running = (startedAt: Date) => ({ containerStatuses: [container({ state: { running: { startedAt } } })] });

  it("is reported when the container has had its time, and is never final", () => {
    expect(failure(running(start), 59)).toBeUndefined();
    const found = failure(running(start), 61);
    expect(found?.reason).toContain("not ready within the 60 s");
    expect(found?.isFinal).toBe(false);
  });

  it("does not count the time that the image takes to be pulled", () => {
    expect(failure({ containerStatuses: [waiting("ContainerCreating")] }, 999)).toBeUndefined();
    expect(failure(running(new Date(after(500))), 555)).toBeUndefined();
  });

  it("is reported of an init container that does not end, and of a sidecar that does not start", () => {
    const waits = (started: boolean) => ({
      initContainerStatuses: [{ ...container({ state: { running: { startedAt: start } }, started }), name: "migrate" }],
      containerStatuses: [waiting("PodInitializing")],
    });
    expect(failure(waits(false), 59)).toBeUndefined();
    expect(failure(waits(false), 61)).toMatchObject({ container: "migrate", isFinal: false });
    expect(failure(waits(true), 61)).toBeUndefined();
  });

  it("without a node is reported with the scheduler's reason", () => {
    const message = "0/2 nodes are available: 2 Insufficient cpu.";
    const conditions = [{ type: "PodScheduled", status: "False", message }];
    expect(failure({ conditions }, 61)?.reason).toBe(`not scheduled: ${message}`);
  });
});

it("a ready pod, a deleted one and an evicted one are no failure", () => {
  expect(failure({ conditions: [{ type: "Ready", status: "True" }] }, 999)).toBeUndefined();
  expect(podFailure(pod({ containerStatuses: [crashing(9)] }, true), allowance, after(1))).toBeUndefined();
  expect(failure({ phase: "Failed", reason: "Evicted", containerStatuses: [crashing(9)] })).toBeUndefined();
});

it("the detail is the runtime's message, or the kubelet's if nothing has run", () => {
  const lastState = { terminated: { exitCode: 128, message: "exec: no such file" } };
  const crashed = { ...crashing(1), lastState };
  expect(failure({ containerStatuses: [crashed] })?.detail).toBe("exec: no such file");
  expect(failure({ containerStatuses: [waiting("ErrImagePull", "not found")] })?.detail).toBe("not found");
});
