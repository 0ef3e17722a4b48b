import { beforeEach, expect, it, vi } from "vitest";
import { acquireLease, releaseLeases } from "../../../components/migrations/database-lease.ts";
import { jobName, type Migration } from "../../../components/migrations/migration.ts";
import { FakeApi, migrationOf } from "./fake-api.ts";

let cluster: FakeApi;
let said: string[];
beforeEach(() => {
  cluster = new FakeApi();
  said = [];
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

const ofOrders = migrationOf({}, { database: "shared", timeoutSeconds: 60 });
const ofBilling = migrationOf({ service: "billing", namespace: "finance" }, { database: "shared", timeoutSeconds: 60 });
const keyOfJob = (migration: Migration) => `${migration.namespace}/${jobName(migration)}`;

function take(migration: Migration) {
  let isTaken = false;
  const taken = acquireLease(cluster.api, migration, async (message) => void said.push(message)).then(() => {
    isTaken = true;
  });
  const after = async (seconds: number) => {
    await vi.advanceTimersByTimeAsync(seconds * 1000);
    return isTaken;
  };
  return { taken, after };
}
const runs = (migration: Migration) =>
  void cluster.jobsByKey.set(keyOfJob(migration), { metadata: { name: jobName(migration) } });

it("a service of another namespace waits until the Job that holds the database is over", async () => {
  runs(ofOrders);
  expect(await take(ofOrders).after(0)).toBe(true);
  const billing = take(ofBilling);
  expect(await billing.after(20)).toBe(false);
  expect(said).toEqual([`waits for ${keyOfJob(ofOrders)}, which migrates the same database`]);
  cluster.finish(keyOfJob(ofOrders), "Complete");
  expect(await billing.after(2)).toBe(true);
});

it("another database, or none, is not waited for", async () => {
  runs(ofOrders);
  await take(ofOrders).taken;
  expect(await take(migrationOf({ service: "billing" }, { database: "other" })).after(0)).toBe(true);
  expect(await take(migrationOf({ service: "billing" })).after(0)).toBe(true);
});

it("without a database, other migrations of the same service are waited for", async () => {
  const [one, two] = [migrationOf(), migrationOf({}, { args: ["other"] })];
  runs(one);
  await take(one).taken;
  expect(await take(two).after(10)).toBe(false);
});

it("the same Job may take it twice: two commands follow one Job", async () => {
  runs(ofOrders);
  await take(ofOrders).taken;
  expect(await take(ofOrders).after(0)).toBe(true);
});

it("a Job that is gone holds nothing", async () => {
  await take(ofOrders).taken;
  expect(await take(ofBilling).after(0)).toBe(true);
});

it("a Job that one may not read holds it until its deadline", async () => {
  runs(ofOrders);
  await take(ofOrders).taken;
  const { ApiException } = await import("@kubernetes/client-node");
  vi.spyOn(cluster, "job").mockRejectedValue(new ApiException(403, "forbidden", "", {}));
  const billing = take(ofBilling);
  expect(await billing.after(115)).toBe(false);
  expect(await billing.after(10)).toBe(true);
});

it("whoever may not write where all services see it takes one in its own namespace, and says so", async () => {
  cluster.forbidden = ["kube-system"];
  expect(await take(ofOrders).after(0)).toBe(true);
  expect([...cluster.leases.keys()]).toEqual(["shop/slipway-database-shared"]);
  expect(said).toEqual([expect.stringContaining("other namespaces are not waited for")]);
});

it("two that ask at once do not both get it", async () => {
  runs(ofOrders);
  runs(ofBilling);
  const both = [take(ofOrders), take(ofBilling)];
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await Promise.all(both.map((one) => one.after(0)))).toEqual([true, false]);
});

it("is given up only by the Job that has it", async () => {
  runs(ofOrders);
  await take(ofOrders).taken;
  await releaseLeases(cluster.api, ofBilling);
  expect(cluster.leases.size).toBe(1);
  await releaseLeases(cluster.api, ofOrders);
  expect(cluster.leases.size).toBe(0);
});
