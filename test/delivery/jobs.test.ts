import type { V1CronJob, V1Job } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { listFaults } from "../../delivery/commands/status.ts";
import type { StackEnvironment } from "../../delivery/environment.ts";
import { formatRuns, runHistory } from "../../delivery/jobs/run-history.ts";

const now = new Date("2026-01-31T12:00:00Z");
const cronJob = (spec: object = {}, annotations = {}): V1CronJob =>
  ({ metadata: { name: "report", annotations }, spec: { schedule: "30 2 * * *", ...spec } }) as V1CronJob;
const job = (name: string, at: string, condition?: string, over: object = {}): V1Job => ({
  metadata: {
    name,
    creationTimestamp: new Date(at),
    ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name: "report", uid: "1" }],
    ...over,
  },
  status: condition ? { conditions: [{ type: condition, status: "True" }] } : { active: 1 },
});

describe("the runs of a service", () => {
  it("are its last one, and when the next is due", () => {
    const jobs = [
      job("report-1", "2026-01-29T17:30:00Z", "Complete"),
      job("report-2", "2026-01-30T17:30:00Z", "Failed"),
      job("report-run-3", "2026-01-31T01:00:00Z", "Complete", { labels: { "app.kubernetes.io/component": "run" } }),
      job("other-4", "2026-01-31T02:00:00Z", "Complete", { ownerReferences: [] }),
    ];
    expect(runHistory(cronJob({ timeZone: "Asia/Seoul" }), jobs, now)).toEqual({
      schedule: "30 2 * * *",
      timeZone: "Asia/Seoul",
      suspended: false,
      last: { job: "report-2", at: "2026-01-30T17:30:00.000Z", result: "failed" },
      next: "2026-01-31T17:30:00.000Z",
    });
    expect(runHistory(cronJob(), [job("report-5", "2026-01-31T11:00:00Z")], now).last?.result).toBe("running");
  });

  it("have no next one while they are suspended, and for a job, whose schedule never fires", () => {
    const suspended = runHistory(cronJob({ suspend: true }), [], now);
    expect(suspended).toEqual({ schedule: "30 2 * * *", suspended: true });
    expect(formatRuns(suspended)).toBe("30 2 * * *: no run is kept, suspended");
    const once = runHistory(
      cronJob({ suspend: true, schedule: "0 0 31 2 *" }, { "slipway.dev/job": "report-1" }),
      [],
      now,
    );
    expect(once).toEqual({ suspended: false });
    expect(formatRuns(once)).toBe("in each deploy: no run is kept");
  });

  it("need no pod for the stack to run as its file says", () => {
    const environment = { services: [{ name: "report", release: "v1" }] } as StackEnvironment;
    const status = { release: "v1", digest: "", ready: 0, desired: 0 };
    expect(listFaults(environment, { report: { ...status, runs: { suspended: false } } })).toEqual([]);
    expect(listFaults(environment, { report: status })).toEqual(["report: 0 of 0 pods are ready"]);
  });
});
