import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ClusterConnection } from "../../../components/cluster/connection.ts";
import type { ImagePlan } from "../../../components/images/plan.ts";
import * as lastUpdate from "../../../components/last-update.ts";
import { recordMigration, recordServed } from "../../../components/migrations/ledger.ts";
import { planMigrations } from "../../../components/migrations/plan.ts";
import { environmentOf } from "../../config/config-of.ts";
import { existing, service } from "../../config/service-base.ts";
import { DIGEST, FakeApi, migrationOf } from "./fake-api.ts";

const migration = { command: ["/orders"], args: ["migrate"], phase: "expand", timeoutSeconds: 60 };
const repository = "registry.example.com/shop";

let cluster: FakeApi;
let said: string[];
let warned: string[];
let preview: boolean;
/** Digits of the digests that pods run. */
let live: string[];
let isReachable: boolean;
beforeEach(() => {
  cluster = new FakeApi();
  said = [];
  warned = [];
  preview = false;
  live = ["1"];
  isReachable = true;
  vi.spyOn(pulumi.runtime, "isDryRun").mockImplementation(() => preview);
  vi.spyOn(lastUpdate, "lastOutput").mockResolvedValue(undefined);
  vi.spyOn(pulumi.log, "info").mockImplementation(async (message) => void said.push(message));
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (message) => void warned.push(message));
  return () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  };
});

function plan(digit: string | undefined, { own = {}, isNew = false } = {}) {
  const services = { orders: { ...service, migration: { ...migration, ...own } }, web: service };
  const environment = environmentOf({ ...existing, services });
  const pods = live.map((run) => ({
    metadata: { name: `orders-${run}`, labels: { "app.kubernetes.io/version": `v${run}` } },
    spec: { containers: [{ name: "orders", image: `${repository}@${DIGEST(run)}` }] },
  }));
  const reader = { migrations: cluster.api, pods: async () => pods };
  const connection = {
    ...(isNew && { cluster: {} }),
    reader: async () => {
      if (!isReachable) throw new Error("no route to host");
      return reader;
    },
  } as unknown as ClusterConnection;
  const image: ImagePlan =
    digit === undefined ? { action: "build", inputs: "x" } : { action: "pushed", digest: DIGEST(digit) };
  const plans = { byService: new Map([["orders", image]]), deployedTags: undefined };
  return planMigrations({
    environment: environment as unknown as Parameters<typeof planMigrations>[0]["environment"],
    cluster: connection,
    repository,
    plans,
  }).then((names) => [...names]);
}

async function contracted(): Promise<void> {
  const of = { namespace: "shop", service: "orders" };
  await recordServed(cluster.api, of, [{ release: "v1", digest: DIGEST("1") }]);
  vi.setSystemTime(Date.now() + 60_000);
  const v2 = migrationOf({ image: `${repository}@${DIGEST("2")}` }, { phase: "contract" });
  await recordMigration(cluster.api, v2, { job: "orders-contract-1", result: "succeeded" });
  vi.useRealTimers();
  live = ["2"];
}

describe("before an update", () => {
  it("a migration that will run is announced, with its command, time and database", async () => {
    expect(await plan("2", { own: { database: "orders" } })).toEqual(["orders"]);
    expect(said).toEqual([
      "orders v1.0.0: migration expand runs before the rollout: /orders migrate (at most 60 s, database orders)",
    ]);
  });

  it("an image that is not built yet will run its migration", async () =>
    expect(await plan(undefined)).toEqual(["orders"]));

  it("one that has run is not announced", async () => {
    const done = migrationOf({ image: `${repository}@${DIGEST("2")}` });
    await recordMigration(cluster.api, done, { job: "j", result: "succeeded" });
    expect([await plan("2"), said]).toEqual([[], []]);
  });

  it("a rollback by the command runs nothing", async () => {
    vi.stubEnv("SLIPWAY_ACTION", "rollback");
    expect(await plan("2")).toEqual([]);
  });

  it("a release from before a contract migration is refused, with the reason and the way through", async () => {
    await contracted();
    await expect(plan("1")).rejects.toThrow(
      /services\.orders: v1\.0\.0 is older than the contract migration of v2, which has taken away.*--across-contract/s,
    );
  });

  it("a preview refuses it too", async () => {
    await contracted();
    preview = true;
    await expect(plan("1")).rejects.toThrow(/older than the contract/);
  });

  it("the flag lets it through with a warning, and runs nothing", async () => {
    await contracted();
    vi.stubEnv("SLIPWAY_ACROSS_CONTRACT", "true");
    expect(await plan("1")).toEqual([]);
    expect(warned).toEqual([expect.stringMatching(/^--across-contract: .*older than the contract/)]);
  });

  it("a cluster that does not answer is refused, and a preview goes on without it", async () => {
    isReachable = false;
    await expect(plan("2")).rejects.toThrow(/no route to host.*No service was changed/);
    preview = true;
    expect([await plan("2"), said]).toEqual([[], [expect.stringContaining("cannot be said")]]);
  });

  it("a cluster that this update creates is not asked", async () => {
    isReachable = false;
    expect(await plan("2", { isNew: true })).toEqual(["orders"]);
  });
});
