import { gzipSync } from "node:zlib";
import type { V1Secret } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import {
  describeRecords,
  readDescriptions,
  upgradeDescription,
} from "../../../components/rollout/interrupted-upgrade.ts";
import type { Environment } from "../../../config/index.ts";

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const record = (version: number, status: string, description = "Upgrade complete"): V1Secret => ({
  metadata: { labels: { version: String(version), status } },
  data: { release: base64(base64(gzipSync(JSON.stringify({ name: "api", info: { status, description } })))) },
});
const AGAIN = "Again, because an update was interrupted after revision 9";

it.each([
  ["was never installed", []],
  ["is being installed", [record(1, "pending-install")]],
  ["was deployed", [record(10, "deployed"), record(9, "superseded")]],
  [
    "failed and was rolled back",
    [record(9, "superseded"), record(10, "failed"), record(11, "deployed", "Rollback to 9")],
  ],
])("a release that %s has no description", (_, records) => {
  expect(describeRecords(records)).toBeUndefined();
});

it.each([
  ["pending, as a preview sees it", record(10, "pending-upgrade")],
  ["kept for a rollback, as an update sees it", record(11, "superseded")],
])("a release whose last revision is %s has one that the state does not have", (_, last) => {
  expect(describeRecords([last, record(9, "deployed")])).toBe(AGAIN);
});

it("keeps the description that Helm has recorded, so that the next update changes nothing", () => {
  expect(describeRecords([record(11, "superseded"), record(12, "deployed", AGAIN)])).toBe(AGAIN);
  const both = `Handed back by Argo CD, 20261130-131205. ${AGAIN}`;
  expect(describeRecords([record(12, "deployed", both)])).toBe(AGAIN);
});

it("is read once for all services of the environment", async () => {
  const named = (name: string, one: V1Secret) => ({ ...one, metadata: { labels: { ...one.metadata?.labels, name } } });
  const reader = {
    revisionRecords: async () => [named("api", record(9, "deployed")), named("api", record(10, "superseded"))],
  };
  const environment = { namespace: "shop", services: [{ name: "api" }, { name: "web" }] } as unknown as Environment;
  await readDescriptions(reader, environment);
  const of = (release: string) =>
    new Promise((resolve) => upgradeDescription(pulumi.output("shop"), release, pulumi.output("")).apply(resolve));
  expect([await of("api"), await of("web")]).toEqual([AGAIN, undefined]);
});
