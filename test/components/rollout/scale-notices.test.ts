import type { V1Deployment } from "@kubernetes/client-node";
import { expect, it } from "vitest";
import { scaleNotices } from "../../../components/rollout/scale-notices.ts";

const service = (min: number, max: number, hosts: string[] = []) => [
  { name: "api", kind: "deployment" as const, replicas: { min, max }, hosts },
];
const live = (replicas: number, annotations = {}) =>
  [{ metadata: { name: "api", annotations }, spec: { replicas } }] as unknown as V1Deployment[];

it("says which service is paused, and what its hosts answer", () => {
  expect(scaleNotices(service(0, 0), live(3))).toEqual([expect.stringMatching(/^api: paused .*: no pod runs\.$/)]);
  expect(scaleNotices(service(0, 0, ["a.example.com"]), [])).toEqual([expect.stringMatching(/a\.example\.com.*503/)]);
});

it("says nothing of what runs to an end: it has no pods to be paused", () => {
  expect(scaleNotices([{ name: "api", kind: "cron", replicas: { min: 0, max: 0 }, hosts: [] }], [])).toEqual([]);
});

it("names a service whose autoscaler somebody switched off by setting 0 pods", () => {
  expect(scaleNotices(service(2, 6), live(0))).toEqual([expect.stringMatching(/^api: .*by hand.*starts 2.*min: 0/)]);
});

it("says nothing of a service with pods, of one that is new, and of one whose pause ends", () => {
  expect(scaleNotices(service(2, 6), live(1))).toEqual([]);
  expect(scaleNotices(service(2, 6), [])).toEqual([]);
  expect(scaleNotices(service(2, 6), live(0, { "slipway.dev/paused": "true" }))).toEqual([]);
});
