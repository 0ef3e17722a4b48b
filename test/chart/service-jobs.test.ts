import type { V1CronJob, V1Job } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { containerOf, podSpecOf, podTemplateOf } from "./pod.ts";
import { refusal } from "./refusal.ts";
import { kindsOf, LEAST, only, renderService, renderText } from "./render.ts";

const NO_PORT = { port: undefined };
const CRON = { ...NO_PORT, kind: "cron", cron: { schedule: "30 2 * * *" } };
const JOB = { ...NO_PORT, kind: "job" };
const cronJobOf = async (values: object) => only<V1CronJob>(await renderService({ ...values }), "CronJob");

describe("web and worker", () => {
  it.each([
    ["web", {}],
    ["worker", NO_PORT],
  ])("%s renders what a deployment does, to the byte", async (kind, values) => {
    const deployment = await renderText("service", { ...LEAST, ...values });
    expect(await renderText("service", { ...LEAST, ...values, kind })).toBe(deployment);
  });
});

describe("a cron service", () => {
  it("is a CronJob with a role and a network policy, and nothing that waits, scales or is called", async () => {
    expect(kindsOf(await renderService(CRON))).toEqual(["CronJob", "NetworkPolicy", "ServiceAccount"]);
  });

  it("runs one at a time, and keeps three runs of each result, unless it says more", async () => {
    const { spec } = await cronJobOf(CRON);
    expect(spec).toMatchObject({
      schedule: "30 2 * * *",
      concurrencyPolicy: "Forbid",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: { spec: { activeDeadlineSeconds: 3600, backoffLimit: 0, podReplacementPolicy: "Failed" } },
    });
    expect(spec).not.toHaveProperty("timeZone");
    expect(spec).not.toHaveProperty("startingDeadlineSeconds");
    const cron = {
      schedule: "@hourly",
      timeZone: "Asia/Seoul",
      concurrencyPolicy: "Replace",
      startingDeadlineSeconds: 90,
      suspend: true,
      successfulJobsHistoryLimit: 0,
      failedJobsHistoryLimit: 9,
    };
    const full = await cronJobOf({ ...CRON, cron, job: { activeDeadlineSeconds: 60, backoffLimit: 2 } });
    expect(full.spec).toMatchObject({ ...cron, jobTemplate: { spec: { activeDeadlineSeconds: 60, backoffLimit: 2 } } });
  });

  it("does not count a pod that is moved from its node", async () => {
    const { spec } = await cronJobOf(CRON);
    expect(spec?.jobTemplate.spec?.podFailurePolicy?.rules).toEqual([
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    ]);
  });

  it("has the pod of a deployment, without what only a pod that serves needs", async () => {
    const values = { ...NO_PORT, configName: "web-1", secretName: "web-2", tmp: { paths: ["/cache"] } };
    const [run, deployment] = [await renderService({ ...values, ...CRON }), await renderService(values)];
    const { topologySpreadConstraints, affinity, ...spec } = podSpecOf(deployment);
    const { lifecycle, ...container } = containerOf(deployment);
    expect([topologySpreadConstraints, affinity, lifecycle]).not.toContain(undefined);
    expect(podSpecOf(run)).toEqual({
      ...spec,
      containers: [container],
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 20,
    });
    expect(podTemplateOf(run).metadata).toEqual(podTemplateOf(deployment).metadata);
  });

  it("takes no name that is longer than a CronJob's", async () => {
    const name = "a".repeat(53);
    await expect(renderText("service", { ...LEAST, ...CRON }, "shop", name)).rejects.toThrow(
      /53 characters; .*52 at most/,
    );
    expect(await renderText("service", { ...LEAST, ...CRON }, "shop", name.slice(1))).toContain("kind: CronJob");
  });
});

describe("a job", () => {
  it("is a CronJob that never fires, with the gates of its deploy", async () => {
    const objects = await renderService(JOB);
    expect(kindsOf(objects)).toEqual(["CronJob", "Job", "NetworkPolicy", "Service", "ServiceAccount"]);
    const { metadata, spec } = only<V1CronJob>(objects, "CronJob");
    expect(spec).toMatchObject({ suspend: true, schedule: "0 0 31 2 *" });
    expect(spec?.jobTemplate.spec).toMatchObject({ activeDeadlineSeconds: 600, backoffLimit: 0 });
    expect(metadata?.annotations?.["slipway.dev/gate"]).toBe(only<V1Job>(objects, "Job").metadata?.name);
  });

  it("has a name for each content of its pods, and for nothing else", async () => {
    const name = async (values = {}) =>
      (await cronJobOf({ ...JOB, ...values })).metadata?.annotations?.["slipway.dev/job"];
    expect(await name()).toMatch(/^web-[0-9a-f]{10}$/);
    for (const same of [
      { chartHash: "1" },
      { job: { activeDeadlineSeconds: 60, backoffLimit: 1 } },
      { network: { egress: { internet: false } } },
    ])
      expect(await name(same), JSON.stringify(same)).toBe(await name());
    for (const other of [
      { release: "v2" },
      { command: ["/seed"] },
      { configName: "web-2" },
      { restartedAt: "now" },
      { patch: '{"spec":{"hostname":"a"}}' },
    ])
      expect(await name(other), JSON.stringify(other)).not.toBe(await name());
  });
});

it.each([
  [{ ...CRON, port: 80 }, "port: given for kind cron"],
  [{ ...CRON, disruption: { maxUnavailable: 1 } }, "disruption: given for kind cron"],
  [{ ...JOB, network: { allowFrom: ["api"] } }, "network.allowFrom: given without a port"],
  [{ ...JOB, memory: { target: 80 } }, "scaling: given for kind job"],
  [{ ...JOB, cron: { timeZone: "Asia/Seoul" } }, "cron.timeZone: given for kind job"],
])("%j is refused with the field and the kind", async (values, message) => {
  expect(await refusal(values)).toContain(message);
});
