import { describe, expect, it } from "vitest";
import { type Application, syncStateOf } from "../../../delivery/gitops/application-state.ts";

const NEW = "b".repeat(40);
const OLD = "a".repeat(40);
const isWanted = (revision: string) => revision === NEW;
const application = (status: Application["status"]): Application => ({
  metadata: { name: "dev-api" },
  ...(status && { status }),
});
const stateOf = (status: Application["status"]) => syncStateOf(application(status), isWanted);
const over = { phase: "Succeeded", syncResult: { revision: NEW } };

describe("the rollout of a commit", () => {
  it("is over when the commit is synced, its operation has ended, and the service is healthy", () => {
    const done = { sync: { status: "Synced", revision: NEW }, health: { status: "Healthy" }, operationState: over };
    expect(stateOf(done)).toEqual({ state: "healthy" });
  });

  it("has not begun while Argo CD still calls the commit before synced and healthy", () => {
    const before = { sync: { status: "Synced", revision: OLD }, health: { status: "Healthy" }, operationState: over };
    expect(stateOf(before)).toMatchObject({
      state: "unnoticed",
      reason: expect.stringContaining("not seen the commit"),
    });
    expect(stateOf(undefined)).toMatchObject({ state: "unnoticed" });
  });

  it("is not over while an operation is under way, although all looks well", () => {
    const status = { sync: { status: "Synced", revision: NEW }, health: { status: "Healthy" } };
    expect(stateOf({ ...status, operationState: { phase: "Running" } })).toMatchObject({ state: "pending" });
    expect(stateOf({ ...status, sync: { status: "OutOfSync", revision: NEW } })).toMatchObject({ state: "pending" });
  });

  it("waits for somebody where a rollout is paused", () => {
    const status = { sync: { status: "Synced", revision: NEW }, health: { status: "Suspended" }, operationState: over };
    expect(stateOf(status)).toEqual({ state: "waits" });
  });

  it("has failed with the objects' own words if a service is degraded", () => {
    const health = { status: "Degraded", message: "exceeded its progress deadline" };
    const status = {
      sync: { status: "Synced", revision: NEW },
      health: { status: "Degraded" },
      operationState: over,
      resources: [{ kind: "Deployment", name: "api", health }],
    };
    expect(stateOf(status)).toEqual({ state: "failed", reason: "Deployment api: exceeded its progress deadline" });
  });

  it("has failed if the cluster refuses an object of the commit, not if it refused one of a commit before", () => {
    const status = { sync: { status: "OutOfSync", revision: NEW } };
    const failed = { phase: "Failed", message: "Deployment api is invalid" };
    expect(stateOf({ ...status, operationState: { ...failed, syncResult: { revision: NEW } } })).toEqual({
      state: "failed",
      reason: "Deployment api is invalid",
    });
    expect(stateOf({ ...status, operationState: { ...failed, syncResult: { revision: OLD } } }).state).toBe("pending");
  });

  it("says why Argo CD does not see the commit", () => {
    const conditions = [{ type: "ComparisonError", message: "authentication required" }];
    expect(stateOf({ sync: { status: "Unknown" }, conditions })).toEqual({
      state: "unnoticed",
      reason: "authentication required",
    });
  });

  it("has failed if the service has no Application", () => {
    expect(syncStateOf(undefined, isWanted)).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("pulumi up"),
    });
  });
});
