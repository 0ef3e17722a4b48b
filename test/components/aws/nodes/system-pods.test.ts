import { expect, it } from "vitest";
import { clusterPods, traefikSpread } from "../../../../components/aws/nodes/system-pods.ts";
import { addonsOf, nodeGroupOf } from "../../../config/settings.ts";

it("keeps Traefik's pods on nodes of their own, as far as there are as many nodes", () => {
  expect(traefikSpread({ replicas: 2 }, 2)).toBe("required");
  expect(traefikSpread({ replicas: 2 }, 1)).toBe("preferred");
  expect(traefikSpread({ replicas: 3 }, 3)).toBe("required");
  expect(traefikSpread({ replicas: 4 }, 3)).toBe("preferred");
});

it("counts them so", () => {
  const apart = (replicas: number) =>
    clusterPods(addonsOf({ traefik: { replicas } }), nodeGroupOf({ min: 3 })).find(({ name }) => name === "traefik")
      ?.apart;
  expect([3, 4].map(apart)).toEqual([true, false]);
});
