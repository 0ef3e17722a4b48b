import { describe, expect, it } from "vitest";
import { autoscalerTag, autoscalerVersionFault } from "../../config/cluster-autoscaler-versions.ts";

const KNOWN = ["1.33", "1.34", "1.35", "1.36"];

describe("the cluster-autoscaler's image", () => {
  it.each(KNOWN)("for Kubernetes %s has the same minor version and is pinned to a patch", (version) => {
    expect(autoscalerTag(version)).toMatch(new RegExp(`^v${version.replace(".", "\\.")}\\.\\d+$`));
    expect(autoscalerVersionFault(version)).toBeUndefined();
  });

  it.each(["1.32", "1.37", "1.3"])("is not guessed for %s", (version) => {
    expect(autoscalerTag(version)).toBeUndefined();
    expect(autoscalerVersionFault(version)).toMatch(new RegExp(`Kubernetes ${version}, only for ${KNOWN.join(", ")}`));
    expect(autoscalerVersionFault(version)).toContain("Use cpu-asg");
  });
});
