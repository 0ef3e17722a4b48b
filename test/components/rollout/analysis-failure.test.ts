import { describe, expect, it } from "vitest";
import type { AnalysisRun } from "../../../components/cluster/rollouts.ts";
import { analysisFailure } from "../../../components/rollout/analysis-failure.ts";

type Result = NonNullable<NonNullable<AnalysisRun["status"]>["metricResults"]>[number];

const result = (name: string, phase: string, measurement: { value?: string; message?: string }): Result => ({
  name,
  phase,
  measurements: [
    { phase: "Successful", value: "[100]" },
    { phase, ...measurement },
  ],
});
const run = (minute: number, results: Result[], rollout = "web"): AnalysisRun => ({
  metadata: {
    creationTimestamp: new Date(Date.UTC(2026, 0, 1, 0, minute)),
    ownerReferences: [{ apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: rollout, uid: "1" }],
  },
  spec: {
    metrics: [
      { name: "success-rate", successCondition: "len(result) == 0 || isNaN(result[0]) || result[0] >= 99.5" },
      { name: "p95-milliseconds", successCondition: "len(result) > 0 && !isNaN(result[0]) && result[0] <= 300" },
      { name: "command" },
    ],
  },
  status: { metricResults: results },
});
const failed = result("success-rate", "Failed", { value: "[49.8421]" });

describe("the failure of an analysis", () => {
  it("says what was measured and what was wanted", () => {
    const slow = result("p95-milliseconds", "Failed", { value: "[812.5]" });
    expect(analysisFailure([run(1, [failed, slow])], "web")).toBe(
      "success-rate was 49.8, wanted >= 99.5; p95-milliseconds was 812.5, wanted <= 300",
    );
  });

  it("says why nothing could be measured", () => {
    const error = result("success-rate", "Error", { message: "dial tcp: connection refused" });
    expect(analysisFailure([run(1, [error])], "web")).toBe("success-rate: dial tcp: connection refused");
  });

  it("is that of the last analysis, and of this service only", () => {
    const good = run(2, [result("success-rate", "Successful", { value: "[100]" })]);
    expect(analysisFailure([run(1, [failed]), good], "web")).toBeUndefined();
    expect(analysisFailure([good, run(3, [failed])], "web")).toContain("49.8");
    expect(analysisFailure([run(1, [failed], "api")], "web")).toBeUndefined();
    expect(analysisFailure([], "web")).toBeUndefined();
  });

  it("leaves out what says nothing", () => {
    expect(analysisFailure([run(1, [result("command", "Failed", {})])], "web")).toBeUndefined();
  });
});
