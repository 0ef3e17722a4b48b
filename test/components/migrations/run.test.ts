import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { jobName, keyOf, type Migration } from "../../../components/migrations/migration.ts";
import { MigrationError, runMigration } from "../../../components/migrations/run.ts";
import { FakeApi, migrationOf, objectsOf } from "./fake-api.ts";

const migration = migrationOf();
const key = `shop/${jobName(migration)}`;

let cluster: FakeApi;
let said: string[];
beforeEach(() => {
  cluster = new FakeApi();
  said = [];
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

const say = async (message: string) => void said.push(message);
/** Runs it, while the cluster's time passes. */
async function run(what: Migration = migration, seconds = 300): Promise<unknown> {
  const ended = runMigration(cluster.api, what, objectsOf(what), say).then(
    () => "ok",
    (error: unknown) => error,
  );
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  return Promise.race([ended, Promise.resolve("still runs")]);
}
const later = (seconds: number, act: () => void) => void setTimeout(act, seconds * 1000);
const result = () => cluster.ledger().migrations[keyOf(migration)]?.result;
const count = (text: string) => cluster.done.filter((line) => line === text).length;

describe("a migration", () => {
  it("is let go only once its Job exists, the database is free, the ledger knows, and its pod is closed in", async () => {
    cluster.onRun = () => later(5, () => cluster.finish(key, "Complete"));
    expect(await run()).toBe("ok");
    expect(cluster.done).toEqual([
      "job created",
      `lease taken by ${key}`,
      "NetworkPolicy created",
      "ServiceAccount created",
      "ledger started",
      "job runs",
      "ledger succeeded",
      "lease given up",
    ]);
    expect(cluster.jobsByKey.get(key)?.spec?.ttlSecondsAfterFinished).toBeGreaterThan(3600);
  });

  it("that the ledger has is not looked at again", async () => {
    cluster.onRun = () => cluster.finish(key, "Complete");
    await run();
    cluster.jobsByKey.clear();
    cluster.done.length = 0;
    expect(await run()).toBe("ok");
    expect(cluster.done).toEqual([]);
  });

  it("is run once by two commands at once", async () => {
    cluster.onRun = () => later(20, () => cluster.finish(key, "Complete"));
    const both = [run(), run()];
    expect(await Promise.all(both)).toEqual(["ok", "ok"]);
    expect([count("job created"), count("job runs")]).toEqual([1, 1]);
  });

  it("that fails is recorded, and fails with service, Job, reason and the last lines of its log", async () => {
    cluster.pod = podThatEnded(3);
    cluster.logText = "2026-01-01T00:00:00.000000000Z cannot add the column\n";
    cluster.onRun = () => later(2, () => cluster.finish(key, "Failed", "BackoffLimitExceeded"));
    const error = await run();
    expect(error).toBeInstanceOf(MigrationError);
    expect(String(error)).toMatch(/orders v2: migration expand failed: Job orders-expand-\w+ in shop: exit code 3/);
    expect(String(error)).toContain("  | cannot add the column");
    expect(said).toContain("orders | cannot add the column");
    expect(result()).toBe("failed");
    expect(cluster.leases.size).toBe(0);
  });

  it("that takes too long says so", async () => {
    cluster.onRun = () => later(61, () => cluster.finish(key, "Failed", "DeadlineExceeded"));
    expect(String(await run())).toContain("timeoutSeconds (60 s)");
  });

  it("whose pod can never start is ended at once, before its command has begun", async () => {
    cluster.pod = podThatWaits("CreateContainerConfigError", "secret is not what it should be");
    const error = await run(migration, 10);
    expect(String(error)).toMatch(/CreateContainerConfigError/);
    expect([result(), cluster.jobsByKey.size]).toEqual(["failed", 0]);
  });

  it("whose pod is not made tells why, and waits", async () => {
    cluster.warning = "exceeded quota";
    expect(await run(migration, 30)).toBe("still runs");
    expect(said.join()).toContain("exceeded quota");
  });

  it("whose Job the cluster does not stop is not called failed: it may still run", async () => {
    expect(String(await run())).toContain("may still run");
    expect(result()).toBe("started");
    expect(cluster.leases.size).toBe(1);
  });

  it("goes on when single looks fail, and names the way when none succeeds", async () => {
    const jobs = vi.spyOn(cluster, "job");
    cluster.onRun = () => {
      jobs.mockRejectedValueOnce(new Error("connection reset"));
      later(5, () => cluster.finish(key, "Complete"));
    };
    expect(await run()).toBe("ok");
    cluster = new FakeApi();
    cluster.onRun = () => void vi.spyOn(cluster, "job").mockRejectedValue(new Error("no route to host"));
    const error = String(await run());
    expect(error).toContain("no route to host");
    expect(error).toContain("does not start it again");
  });
});

describe("after a command that was killed", () => {
  it("while the Job runs, the next waits for it", async () => {
    cluster.onRun = () => {};
    await run(migration, 5);
    later(10, () => cluster.finish(key, "Complete"));
    expect(await run()).toBe("ok");
    expect([count("job created"), count("job runs"), result()]).toEqual([1, 1, "succeeded"]);
    expect(said.join()).toContain("is there from an earlier command");
  });

  it("once the Job has succeeded, the next only records it", async () => {
    cluster.jobsByKey.set(key, finished("Complete"));
    expect(await run()).toBe("ok");
    expect(said.join()).toContain("of an earlier command has succeeded. It does not run again.");
    expect(cluster.done).toEqual(["ledger succeeded"]);
  });

  it("before it was let go, the next lets it go", async () => {
    await cluster.createJob("shop", (await objectsOf(migration)()).job);
    cluster.onRun = () => cluster.finish(key, "Complete");
    expect(await run()).toBe("ok");
    expect(count("job created")).toBe(1);
  });

  it("once the Job has failed, the next makes another", async () => {
    cluster.jobsByKey.set(key, finished("Failed"));
    cluster.onRun = () => cluster.finish(key, "Complete");
    expect(await run()).toBe("ok");
    expect([count("job deleted"), count("job created"), result()]).toEqual([1, 1, "succeeded"]);
  });

  it("and a Job that somebody has deleted, the next says that it runs again", async () => {
    await run(migration, 5);
    cluster.jobsByKey.clear();
    cluster.onRun = () => cluster.finish(key, "Complete");
    expect(await run()).toBe("ok");
    expect(said.join()).toContain("was deleted before its result was known");
  });

  it("takes away suspended Jobs of other releases, and no others", async () => {
    const other = migrationOf({ release: "v1" }, { args: ["old"] });
    await cluster.createJob("shop", (await objectsOf(other)()).job);
    const active = migrationOf({}, { args: ["active"] });
    await cluster.createJob("shop", (await objectsOf(active)()).job);
    const running = cluster.jobsByKey.get(`shop/${jobName(active)}`) as V1Job;
    running.spec = { ...running.spec, suspend: false } as V1Job["spec"];
    cluster.onRun = () => cluster.finish(key, "Complete");
    await run();
    expect([...cluster.jobsByKey.keys()].sort()).toEqual([key, `shop/${jobName(active)}`].sort());
  });
});

function finished(type: "Complete" | "Failed"): V1Job {
  return {
    metadata: { name: jobName(migration), uid: "before" },
    spec: { template: {} },
    status: { conditions: [{ type, status: "True" }] },
  };
}

const container = { name: "orders", image: "i", imageID: "", ready: false, restartCount: 0 };

function podThatEnded(exitCode: number): V1Pod {
  return {
    metadata: { name: "orders-1" },
    status: {
      phase: "Failed",
      containerStatuses: [{ ...container, state: { terminated: { exitCode, reason: "Error" } } }],
    },
  };
}

function podThatWaits(reason: string, message: string): V1Pod {
  return {
    metadata: { name: "orders-1" },
    status: { phase: "Pending", containerStatuses: [{ ...container, state: { waiting: { reason, message } } }] },
  };
}
