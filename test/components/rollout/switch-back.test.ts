import * as pulumi from "@pulumi/pulumi";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { ClusterConnection } from "../../../components/cluster/connection.ts";
import * as kept from "../../../components/rollout/kept-pods.ts";
import { switchBack, switchBeforeHelm } from "../../../components/rollout/switch-back.ts";
import type { Service } from "../../../config/index.ts";
import { environmentOf } from "../../config/config-of.ts";
import { existing, service } from "../../config/service-base.ts";

const IMAGE = `registry.example.com/shop@sha256:${"1".repeat(64)}`;
const found = { pods: 3, record: "r", isRecorded: false } as kept.SwitchPlan;

let preview: boolean;
let said: string[];
let plan: () => Promise<kept.SwitchPlan | undefined>;
let change: () => Promise<void>;
let fault: string | undefined;
beforeAll(() => pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }));
beforeEach(() => {
  preview = false;
  said = [];
  plan = async () => found;
  change = async () => void said.push("patched");
  fault = undefined;
  vi.spyOn(pulumi.runtime, "isDryRun").mockImplementation(() => preview);
  vi.spyOn(pulumi.log, "info").mockImplementation(async (message) => void said.push(message));
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (message) => void said.push(`warning: ${message}`));
  vi.spyOn(kept, "planSwitch").mockImplementation(() => plan());
  vi.spyOn(kept, "switchRollout").mockImplementation(() => change());
  vi.spyOn(kept, "waitForSwitch").mockImplementation(async () => fault);
  return () => vi.restoreAllMocks();
});

const cluster = { reader: async () => ({}) } as unknown as ClusterConnection;
const parent = undefined as unknown as pulumi.Resource;

function serviceOf(rollout: object = { strategy: "blueGreen" }, more: object = {}): Service {
  const environment = environmentOf({ ...existing, services: { api: { ...service, rollout, ...more } } });
  return (environment as unknown as { services: [Service] }).services[0];
}

async function run(...of: Parameters<typeof serviceOf>): Promise<string> {
  const args = {
    service: serviceOf(...of),
    cluster,
    namespace: pulumi.output("shop"),
    dns: undefined,
    data: {},
    parent,
  };
  const image = switchBack(args, pulumi.output(IMAGE)) as pulumi.Output<string> & { promise(): Promise<string> };
  return image.promise();
}

it("switches first, says so, and then lets the release have the image", async () => {
  expect(await run()).toBe(IMAGE);
  expect(said).toEqual([
    "patched",
    "api v1.0.0: switches back to its 3 pods that still run, before the rollout is recorded.",
  ]);
});

it("changes nothing in a preview, and says what it would do", async () => {
  preview = true;
  await run();
  expect(said).toEqual(["api v1.0.0: would switch back to its 3 pods that still run, before the rollout is recorded."]);
});

it.each([
  ["of another strategy", { strategy: "canary" }, {}],
  ["that is paused", { strategy: "blueGreen" }, { replicas: { min: 0, max: 0 } }],
])("asks nothing for a service %s", async (_, rollout, more) => {
  await run(rollout, more);
  expect(kept.planSwitch).not.toHaveBeenCalled();
});

it("leaves it to Helm, with a warning, if the cluster refuses", async () => {
  change = async () => Promise.reject(new Error("conflict"));
  expect(await run()).toBe(IMAGE);
  expect(said).toEqual([expect.stringMatching(/^warning: api v1.0.0: it cannot be switched back at once.*conflict/)]);
});

it("fails if the release that is recorded does not serve again: nothing else would say so", async () => {
  plan = async () => ({ ...found, isRecorded: true });
  fault = "its Rollout is Degraded";
  const finish = () => switchBeforeHelm({ service: serviceOf(), cluster, parent }, {} as kept.WantedPods);
  await expect(finish()).rejects.toThrow(/interrupted after it had switched back.*its Rollout is Degraded/);
  change = async () => Promise.reject(new Error("forbidden"));
  await expect(finish()).rejects.toThrow(/its Rollout cannot be changed \(forbidden\)/);
  change = async () => {};
  fault = undefined;
  expect(await run()).toBe(IMAGE);
});
