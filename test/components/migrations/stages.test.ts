import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ClusterConnection } from "../../../components/cluster/connection.ts";
import * as older from "../../../components/migrations/older-pods.ts";
import * as run from "../../../components/migrations/run.ts";
import { MigrationStages } from "../../../components/migrations/stages.ts";
import { environmentOf } from "../../config/config-of.ts";
import { existing, service } from "../../config/service-base.ts";
import { DIGEST, FakeApi } from "./fake-api.ts";

const image = `registry.example.com/shop@${DIGEST("2")}`;
let cluster: FakeApi;
let ran: string[];
let warned: string[];
let preview: boolean;
let left: older.OlderPods | undefined;
beforeEach(() => {
  cluster = new FakeApi();
  ran = [];
  warned = [];
  preview = false;
  left = undefined;
  vi.spyOn(pulumi.runtime, "isDryRun").mockImplementation(() => preview);
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (message) => void warned.push(message));
  vi.spyOn(older, "waitForOlderPods").mockImplementation(async () => left);
  vi.spyOn(run, "runMigration").mockImplementation(async (_, migration) => {
    ran.push(`${migration.config.phase} ${migration.namespace} ${migration.image}`);
  });
  return () => vi.restoreAllMocks();
});

function stages(phase: "expand" | "contract", runs = true) {
  const { services } = environmentOf({
    ...existing,
    services: { orders: { ...service, migration: { command: ["/orders"], phase } } },
  });
  const pod = {
    metadata: { labels: { "app.kubernetes.io/version": "v1" } },
    spec: { containers: [{ name: "orders", image: `registry.example.com/shop@${DIGEST("1")}` }] },
  };
  const reader = { migrations: cluster.api, pods: async () => [pod] };
  const connection = { reader: async () => reader } as unknown as ClusterConnection;
  const args = {
    service: services[0],
    cluster: connection,
    namespace: pulumi.output("shop"),
    dns: undefined,
    data: {},
  };
  return new MigrationStages({ ...args, after: [], runs } as unknown as ConstructorParameters<
    typeof MigrationStages
  >[0]);
}
const rolledOut = (status = "deployed") => ({ status: pulumi.output({ status }), values: pulumi.output({ image }) });
const promised = <T>(output: pulumi.Output<T>) => (output as unknown as { promise(): Promise<T> }).promise();
const served = () => Object.values(cluster.ledger().served).map(({ digest }) => digest);

const migrateBefore = (phase: "expand" | "contract", runs = true) => stages(phase, runs).before(image, "shop", {});
const migrateAfter = (phase: "expand" | "contract", runs = true) => stages(phase, runs).after(image, "shop", {});

describe("before the rollout", () => {
  it("an expand migration runs, and the image comes after it", async () => {
    const output = stages("expand").beforeRollout(pulumi.output(image));
    expect(await promised(output)).toBe(image);
    expect(ran).toEqual([`expand shop ${image}`]);
  });

  it("what serves now is noted, so that it is known as older", async () => {
    await migrateBefore("contract");
    expect([ran, served()]).toEqual([[], [DIGEST("1")]]);
  });

  it("one that fails keeps the image back, with its own message", async () => {
    vi.spyOn(run, "runMigration").mockRejectedValue(new run.MigrationError("orders v2: no"));
    await expect(migrateBefore("expand")).rejects.toThrow(new pulumi.RunError("orders v2: no"));
  });

  it("an API that refuses is named with the rights that it takes", async () => {
    vi.spyOn(run, "runMigration").mockRejectedValue(new Error("HTTP-Code: 403"));
    await expect(migrateBefore("expand")).rejects.toThrow(/403.*jobs and leases/);
  });

  it("neither a preview nor a rollback runs anything", async () => {
    await migrateBefore("expand", false);
    preview = true;
    await migrateBefore("expand");
    expect(ran).toEqual([]);
  });
});

describe("after the rollout", () => {
  it("a contract migration runs once no older pod is left", async () => {
    expect(await promised(stages("contract").afterRollout(rolledOut()))).toBe(DIGEST("2"));
    expect([ran, served()]).toEqual([[`contract shop ${image}`], [DIGEST("2")]]);
  });

  it("an expand migration does not run again", async () => {
    await migrateAfter("expand");
    expect(ran).toEqual([]);
  });

  it("that has failed, nothing runs", async () => {
    expect(await promised(stages("contract").afterRollout(rolledOut("failed")))).toBeUndefined();
    expect([ran, served()]).toEqual([[], []]);
  });

  it("older pods that stay fail the update", async () => {
    left = { names: ["orders-old"], isByRollout: false };
    await expect(migrateAfter("contract")).rejects.toThrow(/orders-old.*has not run/);
    expect(ran).toEqual([]);
  });

  it("older pods that a Rollout keeps do not: the next update runs it", async () => {
    left = { names: ["orders-old"], isByRollout: true };
    await migrateAfter("contract");
    expect([ran, warned]).toEqual([[], [expect.stringContaining("orders-old")]]);
  });
});
