import { describe, expect, it } from "vitest";
import { serviceFaultsOf } from "./service-faults.ts";

const cron = (fields: object = {}) => serviceFaultsOf({ kind: "cron", cron: { schedule: "@daily" }, ...fields });

describe("the kind", () => {
  it.each([
    { kind: "web", port: 8080 },
    { kind: "web", ports: { admin: { port: 9000 } }, probes: { preset: "tcp", port: "admin" } },
    { kind: "worker" },
    { kind: "worker", replicas: { min: 1, max: 4 }, metrics: { port: 9464, from: "monitoring" } },
    {
      kind: "cron",
      cron: { schedule: "*/5 * * * *", timeZone: "Asia/Seoul", suspend: true },
      job: { backoffLimit: 3 },
    },
    {
      kind: "job",
      job: { activeDeadlineSeconds: 60 },
      shutdown: { drainSeconds: 60 },
      tolerations: [{ operator: "Exists" }],
    },
  ])("of %j is accepted", (fields) => {
    expect(serviceFaultsOf(fields)).toEqual([]);
  });

  it("web needs a port, and a worker has none", () => {
    expect(serviceFaultsOf({ kind: "web" })).toEqual([expect.stringMatching(/^port: .*required by kind: web/)]);
    expect(serviceFaultsOf({ kind: "worker", port: 8080 })).toEqual([
      expect.stringMatching(/^port: 8080 given; not for kind: worker, which has no port/),
    ]);
  });

  it("cron needs a schedule, which is checked", () => {
    expect(serviceFaultsOf({ kind: "cron" })).toEqual([
      expect.stringMatching(/^cron\.schedule: .*required by kind: cron/),
    ]);
    expect(cron({ cron: { schedule: "61 * * * *" } })).toEqual([
      expect.stringMatching(/^cron\.schedule: .*61 is not in 0 to 59/),
    ]);
    expect(cron({ cron: { schedule: "@daily", timeZone: "seoul" } })).toEqual([
      expect.stringMatching(/^cron\.timeZone: "seoul" given; no time zone/),
    ]);
    expect(cron({ cron: { schedule: "@daily", startingDeadlineSeconds: 5 } })).toEqual([
      expect.stringMatching(/^cron\.startingDeadlineSeconds/),
    ]);
  });

  it.each([
    [{ port: 8080 }, "port"],
    [{ hosts: ["a.example.com"] }, "hosts"],
    [{ ingress: { sticky: true } }, "ingress"],
    [{ replicas: { min: 1 } }, "replicas"],
    [{ disruption: { maxUnavailable: 1 } }, "disruption"],
    [{ cpu: { target: 50 } }, "cpu"],
    [{ probes: { startupSeconds: 10 } }, "probes"],
    [{ rollout: { timeoutSeconds: 60 } }, "rollout"],
    [{ spread: { zones: "required" } }, "spread"],
    [{ rebalance: "never" }, "rebalance"],
    [{ shutdown: { preStopSeconds: 5 } }, "shutdown.preStopSeconds"],
    [{ metrics: { port: 9464, from: "monitoring" } }, "metrics"],
    [{ volume: { size: "1Gi", mountPath: "/data" } }, "volume"],
    [{ network: { allowFrom: ["web"] } }, "network.allowFrom"],
  ])("cron and job have no use for %j", (fields, path) => {
    expect(cron(fields).map((fault) => fault.split(":")[0])).toContain(path);
    expect(serviceFaultsOf({ kind: "job", ...fields })).toContainEqual(
      expect.stringMatching(new RegExp(`^${path}: .*not for kind: job`)),
    );
  });

  it("of what runs all the time has no use for cron and job", () => {
    expect(serviceFaultsOf({ cron: { schedule: "@daily" } })).toEqual([
      expect.stringMatching(/^cron: .*use kind: cron\.$/),
    ]);
    expect(serviceFaultsOf({ kind: "worker", job: { backoffLimit: 1 } })).toEqual([
      expect.stringMatching(/^job: .*use kind: cron or job/),
    ]);
    expect(serviceFaultsOf({ kind: "job", cron: { suspend: true } })).toEqual([expect.stringMatching(/^cron: /)]);
  });

  it("job may not hold up a deploy for longer than a rollout may take", () => {
    const job = (activeDeadlineSeconds: number) => serviceFaultsOf({ kind: "job", job: { activeDeadlineSeconds } });
    expect(job(10_000)).toEqual([]);
    expect(job(10_800)).toEqual([
      expect.stringMatching(/^job\.activeDeadlineSeconds: 10800 given; the deploy waits for it/),
    ]);
  });
});
