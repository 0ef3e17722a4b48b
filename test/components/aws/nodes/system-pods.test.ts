import { expect, it } from "vitest";
import { clusterPods, traefikSpread } from "../../../../components/aws/nodes/system-pods.ts";
import { addonsOf, nodeGroupOf } from "../../../config/settings.ts";

it("requires a node for each Traefik pod if there are enough nodes", () => {
  expect(traefikSpread({ replicas: 2 }, 2)).toBe("required");
  expect(traefikSpread({ replicas: 2 }, 1)).toBe("preferred");
  expect(traefikSpread({ replicas: 3 }, 3)).toBe("required");
  expect(traefikSpread({ replicas: 4 }, 3)).toBe("preferred");
});

it("counts Traefik's pods with the same spread", () => {
  const onePerNode = (replicas: number) =>
    clusterPods(addonsOf({ traefik: { replicas } }), nodeGroupOf({ min: 3 })).find(({ name }) => name === "traefik")
      ?.onePerNode;
  expect([3, 4].map(onePerNode)).toEqual([true, false]);
});
