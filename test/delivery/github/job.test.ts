import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { annotateFailure, reportToJob } from "../../../delivery/github/job.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { captureOutput } from "../machine.ts";
import { deployRun } from "../project.ts";

describe("a job of GitHub Actions", () => {
  it("gets a summary and outputs for the deployment's URL", () => {
    const folder = temporaryFolder();
    const [summary, outputs] = [join(folder, "summary"), join(folder, "outputs")];
    const run = deployRun({ status: "failed", reason: "pod api-1: CrashLoopBackOff\n```", actor: "<ada>" });
    const environment = { GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs };
    reportToJob(run, "https://shop.example.com", environment);
    const text = readFileSync(summary, "utf8");
    expect(text).toContain("### ❌ dev: deploy of v1.1.0 failed");
    expect(text).toContain("| api | v1.0.0 | v1.1.0 |");
    expect(text).toContain("&lt;ada>");
    // The reason cannot end the block that it is in.
    expect(text.match(/```/g)).toHaveLength(2);
    expect(readFileSync(outputs, "utf8")).toBe("release=v1.1.0\nstatus=failed\nurl=https://shop.example.com\n");
  });

  it("gets a warning, and no failure, if its files cannot be written", () => {
    const output = captureOutput();
    reportToJob(deployRun(), undefined, { GITHUB_STEP_SUMMARY: "/nowhere/summary" });
    vi.restoreAllMocks();
    expect(output.stderr).toContain("The summary of the job cannot be written: ENOENT");
  });

  it("shows the first line of a failure beside the run", () => {
    const output = captureOutput();
    annotateFailure("100% refused\nmore", { GITHUB_ACTIONS: "true" });
    annotateFailure("on a desk", {});
    vi.restoreAllMocks();
    expect(output.stderr).toBe("::error::100%25 refused\n");
  });
});
