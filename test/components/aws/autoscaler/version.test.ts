import { describe, expect, it } from "vitest";
import { autoscalerFault, autoscalerTag } from "../../../../components/aws/autoscaler/version.ts";

const KNOWN = ["1.33", "1.34", "1.35", "1.36"];

describe("the cluster-autoscaler's image", () => {
  it.each(KNOWN)("for Kubernetes %s is of the same minor, pinned to a patch", (version) => {
    expect(autoscalerTag(version)).toMatch(new RegExp(`^v${version.replace(".", "\\.")}\\.\\d+$`));
    expect(autoscalerFault(version)).toBeUndefined();
  });

  it.each(["1.32", "1.37", "1.3"])("is not guessed for %s", (version) => {
    expect(autoscalerTag(version)).toBeUndefined();
    expect(autoscalerFault(version)).toEqual({
      path: ["cluster", "nodeGroup", "autoscaler"],
      message:
        `cluster-autoscaler goes with a cluster of its own minor version, and for Kubernetes ${version} none is known ` +
        `here; those known are for ${KNOWN.join(", ")}. Take cpu-asg until there is one, or a cluster.version of these`,
    });
  });
});
