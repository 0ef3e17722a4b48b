import { describe, expect, it } from "vitest";
import { type ImageFacts, planImage } from "../../../components/images/plan.ts";
import type { Service } from "../../../config/index.ts";

const digest = `sha256:${"a".repeat(64)}`;
const facts: ImageFacts = {
  service: { name: "api" } as Service,
  digest: undefined,
  dockerfile: "api/Dockerfile",
  inputs: "now",
  lastBuild: undefined,
};

const lastBuild = { tag: "api-v1", inputs: "now", digest };

describe("planImage", () => {
  it("builds what the registry does not have", () => {
    expect(planImage(facts, "api-v1", "if-missing")).toEqual({ action: "build", inputs: "now" });
  });

  it("keeps the Image declared after its build, so that the next update changes nothing", () => {
    expect(planImage({ ...facts, digest, lastBuild }, "api-v1", "if-missing")).toEqual({
      action: "built",
      digest,
      inputs: "now",
    });
  });

  it.each([
    ["the working tree changed", { lastBuild: { ...lastBuild, inputs: "before" } }],
    ["the Dockerfile is gone", { inputs: undefined, lastBuild }],
    ["another release was built last", { lastBuild: { ...lastBuild, tag: "api-v2" } }],
    ["somebody else pushed the tag", { lastBuild: { ...lastBuild, digest: `sha256:${"c".repeat(64)}` } }],
    ["nothing was built here", {}],
  ])("uses the image in the registry and never builds it again if %s", (_, change) => {
    expect(planImage({ ...facts, digest, ...change }, "api-v1", "if-missing")).toEqual({ action: "pushed", digest });
  });

  it("refuses a missing tag if builds are off", () => {
    expect(planImage(facts, "api-v1", "never")).toEqual({
      fault: expect.stringMatching(/^services\.api: .* api-v1, and images\.build is never/),
    });
  });

  it("refuses a missing tag without a Dockerfile", () => {
    expect(planImage({ ...facts, inputs: undefined }, "api-v1", "if-missing")).toEqual({
      fault: expect.stringMatching(/no api\/Dockerfile .*Fix build/),
    });
  });
});
