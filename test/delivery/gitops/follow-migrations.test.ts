import { ApiException, type V1Job, type V1Pod } from "@kubernetes/client-node";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { StackEnvironment } from "../../../delivery/environment.ts";
import { FollowedMigrations } from "../../../delivery/gitops/follow-migrations.ts";
import { captureOutput } from "../machine.ts";

const NAME = "store-expand-0123456789";
const config = { command: ["/app"], phase: "expand", timeoutSeconds: 60 };
const environment = {
  stack: "prod",
  config: { namespace: "shop", services: [{ name: "store", release: "v1", migration: config }] },
} as unknown as StackEnvironment;

const job = (status: V1Job["status"] = {}): V1Job => ({
  metadata: { name: NAME, annotations: { "slipway.dev/release": "v2" } },
  spec: { template: { spec: { containers: [{ name: "store", image: "i@sha256:1" }] } } },
  status,
});
const ended = (type: "Complete" | "Failed") => job({ conditions: [{ type, status: "True", reason: "Backoff" }] });
const pod: V1Pod = {
  metadata: { name: "store-1", namespace: "shop" },
  status: { phase: "Failed", containerStatuses: [status({ terminated: { exitCode: 1, reason: "Error" } })] },
};
function status(state: object) {
  return { name: "store", image: "", imageID: "", ready: false, restartCount: 0, state };
}

/** Answers about the Job one after the other; the last one again and again. */
function follow(...answers: (V1Job | undefined | Error)[]) {
  let next = 0;
  const api = {
    job: vi.fn(async () => {
      const answer = answers[Math.min(next++, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      return answer;
    }),
    pods: async () => [pod],
    log: async () => "2026-01-01T00:00:00Z migrating\n2026-01-01T00:00:01Z no lock\n",
    lastWarning: async () => undefined,
    deleteJob: vi.fn(),
  };
  const followed = new FollowedMigrations(environment, { store: NAME }, api);
  return { api, look: () => followed.failure("store") };
}

let output: ReturnType<typeof captureOutput>;
beforeEach(() => {
  output = captureOutput();
});

describe("a deploy follows the Job of a migration", () => {
  it("and says Job, release, reason and the last lines of its log if it fails", async () => {
    const { look } = follow(undefined, job(), job(), ended("Failed"));
    // It is not there yet, and then it runs.
    expect(await look()).toBeUndefined();
    expect(await look()).toBeUndefined();
    const failed = await look();
    expect(failed).toMatchObject({ state: "failed", job: NAME });
    expect(failed?.reason).toMatch(
      /^store v2: migration expand failed: Job store-expand-0123456789 in shop: exit code 1/,
    );
    expect(failed?.reason).toContain("  | no lock");
    expect(output.stderr).toContain("store | migrating");
  });

  it("which has nothing to say once it has succeeded, also in a deploy before", async () => {
    const { api, look } = follow(ended("Complete"));
    expect([await look(), await look()]).toEqual([undefined, undefined]);
    expect(api.job).toHaveBeenCalledTimes(1);
    expect(output.stderr).toBe("");
  });

  it("and leaves it to Argo CD if this shell may not read it, or one look fails", async () => {
    const { api, look } = follow(new Error("timeout"), new ApiException(403, "forbidden", undefined, {}));
    expect([await look(), await look(), await look()]).toEqual([undefined, undefined, undefined]);
    expect(api.job).toHaveBeenCalledTimes(2);
    expect(output.stderr).toMatch(/may not read the migration's Job and its log: store-expand-0123456789/);
  });

  it("but not of a service without one", async () => {
    const followed = new FollowedMigrations(environment, {});
    expect(await followed.failure("store")).toBeUndefined();
  });
});
