import { describe, expect, it } from "vitest";
import { canaryTimes, measuresRequests, routesCanary } from "../../config/canary.ts";
import { resolveService } from "../../config/resolve.ts";
import { serviceSchema } from "../../config/schema/service/index.ts";
import { resources } from "./rules/service/service-faults.ts";

const hosts = ["shop.example.com"];
const parsed = (rollout: object, fields: object = {}) =>
  serviceSchema.parse({
    build: { context: "." },
    resources,
    port: 8080,
    ...fields,
    rollout: { strategy: "canary", ...rollout },
  });
const timeoutOf = (rollout: object, fields: object = {}) =>
  resolveService("web", parsed(rollout, fields), "v1").rollout.timeoutSeconds;

describe("the times of a canary", () => {
  it("are those of its steps, or of the default steps", () => {
    expect(canaryTimes(undefined)).toEqual({
      pauseSeconds: 120,
      measuredSeconds: 120,
      waits: false,
      checkSeconds: 0,
      scaleUps: 3,
    });
    const steps = [{ weight: 5 }, { pause: 7 }, { pause: "manual" as const }, { weight: 20 }];
    expect(canaryTimes({ steps })).toMatchObject({ pauseSeconds: 7, measuredSeconds: 7, waits: true, scaleUps: 3 });
  });

  it("include the checks before the first request", () => {
    expect(canaryTimes({ analysis: { command: ["/smoke"] } })).toMatchObject({ checkSeconds: 120, scaleUps: 4 });
    expect(canaryTimes({ analysis: { command: ["/smoke"], timeoutSeconds: 900 } }).checkSeconds).toBe(900);
    expect(canaryTimes({ analysis: { path: "/smoke" } }).checkSeconds).toBe(100);
  });

  it("count for the time that a rollout may take", () => {
    const steps = (pause: number) => ({ steps: [{ weight: 50 }, { pause }] });
    expect(timeoutOf(steps(500), { hosts }) - timeoutOf(steps(100), { hosts })).toBe(400);
    const smoke = { ...steps(100), analysis: { command: ["/smoke"], timeoutSeconds: 600 } };
    expect(timeoutOf(smoke, { hosts })).toBeGreaterThanOrEqual(timeoutOf(steps(100), { hosts }) + 600);
    // One pod after another, and those of the steps.
    const many = { replicas: { min: 20 } };
    expect(timeoutOf(steps(100), many)).toBeGreaterThan(timeoutOf(steps(100), { ...many, hosts }));
  });
});

describe("a canary", () => {
  it("is one of requests only with hosts", () => {
    expect(routesCanary(parsed({}, { hosts }))).toBe(true);
    expect(routesCanary(parsed({}))).toBe(false);
    expect(routesCanary(parsed({ strategy: "rolling" }, { hosts }))).toBe(false);
  });

  it("is measured only if a metric is given", () => {
    expect(measuresRequests(parsed({ analysis: { successRate: 99 } }))).toBe(true);
    expect(measuresRequests(parsed({ analysis: { p95Milliseconds: 300 } }))).toBe(true);
    expect(measuresRequests(parsed({ analysis: { path: "/smoke" } }))).toBe(false);
  });
});
