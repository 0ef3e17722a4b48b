import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AddonEnvironment } from "../../../../components/addons/addon.ts";
import { type HeadroomEnvironment, headroomFaults } from "../../../../components/aws/nodes/headroom.ts";
import { totalRequests } from "../../../../components/aws/nodes/pod-requests.ts";
import { addonPods, DAEMON_SETS, daemonSets } from "../../../../components/aws/nodes/system-pods.ts";
import { DAEMON_SET_PODS } from "../../../../config/schema/cluster.ts";
import { addonsOf, nodeGroupOf } from "../../../config/settings.ts";
import { t3Large, t3Medium } from "./instance-types.ts";

const root = join(import.meta.dirname, "../../../..");
const resources = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { memory } });
const shop = [
  { name: "web", replicas: { min: 2 }, resources: resources("50m", "96Mi") },
  { name: "orders", replicas: { min: 2 }, resources: resources("50m", "48Mi") },
];

function environment(
  nodeGroup: Parameters<typeof nodeGroupOf>[0],
  services: HeadroomEnvironment["services"] = shop,
  addons?: Parameters<typeof addonsOf>[0],
): HeadroomEnvironment {
  const cluster = { target: "eks", nodeGroup: nodeGroupOf(nodeGroup) };
  const addonEnvironment = { cluster, addons: addonsOf(addons) } as AddonEnvironment;
  return { cluster, services, addonPods: addonPods(addonEnvironment) };
}

describe("headroomFaults", () => {
  it("accepts services that fit min nodes less one", () => {
    expect(headroomFaults(environment({ min: 2 }), [t3Medium])).toEqual([]);
  });

  it("says what has no room and how many nodes are needed", () => {
    const services = [...shop, { name: "search", replicas: { min: 3 }, resources: resources("400m", "600Mi") }];
    const [fault] = headroomFaults(environment({ min: 2 }, services), [t3Medium]);
    expect(fault?.path).toEqual(["cluster", "nodeGroup", "min"]);
    for (const words of [
      "1 × t3.medium, in total 1750m CPU, 2779Mi memory, 46 pods",
      "2070m CPU, 3084Mi memory, 15 pods",
      "no room for the service web. Raise min to 3, take larger instanceTypes",
      "headroom: none",
    ]) {
      expect(fault?.message).toContain(words);
    }
    expect(headroomFaults(environment({ min: 3 }, services), [t3Medium])).toEqual([]);
  });

  it("counts the number of pods, not only their requests", () => {
    const services = Array.from({ length: 25 }, (_, i) => ({
      name: `s${i}`,
      replicas: { min: 2 },
      resources: resources("1m", "1Mi"),
    }));
    expect(headroomFaults(environment({ maxPods: 50 }, services), [t3Medium])).toHaveLength(1);
    expect(headroomFaults(environment({ maxPods: 70 }, services), [t3Medium])).toEqual([]);
  });

  it("counts every service at its minimum of replicas", () => {
    const at = (min: number) =>
      headroomFaults(environment({}, [{ name: "api", replicas: { min }, resources: resources("600m", "64Mi") }]), [
        t3Medium,
      ]);
    expect(at(1)).toEqual([]);
    expect(at(3)).toHaveLength(1);
  });

  it("counts sidecars, and the largest of the service's container and its init containers", () => {
    const container = (cpu: string) => ({ name: "c", resources: resources(cpu, "16Mi") });
    const at = (podValues: HeadroomEnvironment["services"][number]["podValues"]) =>
      headroomFaults(
        environment({}, [
          { name: "api", replicas: { min: 1 }, resources: resources("600m", "64Mi"), ...(podValues && { podValues }) },
        ]),
        [t3Medium],
      );
    expect(at({ initContainers: [container("600m"), container("500m")] })).toEqual([]);
    expect(at({ sidecars: [container("400m")], initContainers: [container("600m")] })).toEqual([]);
    expect(at({ sidecars: [container("400m"), container("400m")] })).toHaveLength(1);
    expect(at({ initContainers: [container("1800m")] })).toHaveLength(1);
  });

  it("uses the smallest of several instance types", () => {
    const services = [{ name: "api", replicas: { min: 2 }, resources: resources("100m", "1Gi") }];
    expect(headroomFaults(environment({}, services), [t3Large])).toEqual([]);
    expect(headroomFaults(environment({}, services), [t3Large, t3Medium])[0]?.message).toContain(
      "1 × the smallest of t3.large, t3.medium",
    );
  });

  it("counts only enabled add-ons", () => {
    const services = [{ name: "api", replicas: { min: 1 }, resources: resources("1200m", "64Mi") }];
    expect(headroomFaults(environment({}, services), [t3Medium])).toHaveLength(1);
    expect(headroomFaults(environment({}, services, { metricsServer: { enabled: false } }), [t3Medium])).toEqual([]);
  });

  it("counts the cluster-autoscaler if it is the autoscaler", () => {
    const services = [{ name: "api", replicas: { min: 1 }, resources: resources("1100m", "64Mi") }];
    for (const autoscaler of ["cpu-asg", "none"] as const) {
      expect(headroomFaults(environment({ autoscaler }, services), [t3Medium])).toEqual([]);
    }
    const faults = headroomFaults(environment({ autoscaler: "cluster-autoscaler" }, services), [t3Medium]);
    expect(faults.map(({ path }) => path.join("."))).toEqual(["cluster.nodeGroup.min"]);
    const micro = { ...t3Medium, name: "t3.tiny", memoryMiB: 1380 };
    const [fault] = headroomFaults(environment({ autoscaler: "cluster-autoscaler" }, []), [micro]);
    expect(fault?.message).toContain("too small for the add-on cluster-autoscaler");
  });

  it("lets a Traefik pod stay pending only if each needs its own node", () => {
    const [onePerNode, together] = [2, 3].map((replicas) => {
      const services = [{ name: "api", replicas: { min: 1 }, resources: resources("1050m", "64Mi") }];
      return headroomFaults(environment({ min: 2 }, services, { traefik: { replicas } }), [t3Medium]);
    });
    expect(onePerNode).toEqual([]);
    expect(together?.map(({ path }) => path.join("."))).toEqual(["cluster.nodeGroup.min"]);
  });

  it("refuses only pods that are too large for any node with headroom: none", () => {
    const heavy = [{ name: "heavy", replicas: { min: 9 }, resources: resources("1", "1Gi") }];
    expect(headroomFaults(environment({ min: 1, headroom: "none" }, heavy), [t3Medium])).toEqual([]);
    const huge = [{ name: "huge", replicas: { min: 1 }, resources: resources("2", "1Gi") }];
    for (const headroom of ["node", "none"] as const) {
      expect(headroomFaults(environment({ min: 9, headroom }, huge), [t3Medium])).toEqual([
        {
          path: ["services", "huge", "resources", "requests"],
          message: expect.stringContaining("a node of t3.medium has 1750m CPU, 2779Mi memory, 46 pods"),
        },
      ]);
    }
  });

  it("refuses an instance type that is too small for an add-on", () => {
    const micro = { ...t3Medium, name: "t3.micro", memoryMiB: 1024 };
    expect(headroomFaults(environment({}, []), [micro])).toEqual([
      {
        path: ["cluster", "nodeGroup", "instanceTypes"],
        message: expect.stringMatching(/^too small for the add-on coredns: a node of t3\.micro has/),
      },
    ]);
  });

  it("suggests to raise max too if needed, and no number if none is enough", () => {
    const many = (pods: number) => [{ name: "api", replicas: { min: pods }, resources: resources("900m", "64Mi") }];
    expect(headroomFaults(environment({ max: 3 }, many(8)), [t3Medium])[0]?.message).toContain("and max with it, take");
    expect(headroomFaults(environment({}, many(1000)), [t3Medium])[0]?.message).toMatch(/no room for .*\. Take larger/);
  });

  it("suggests the smallest sufficient number of nodes, and accepts every larger one", () => {
    const service = fc.record({
      name: fc.constantFrom("a", "b", "c"),
      replicas: fc.record({ min: fc.integer({ min: 1, max: 12 }) }),
      resources: fc
        .tuple(fc.integer({ min: 10, max: 1700 }), fc.integer({ min: 16, max: 2700 }))
        .map(([cpu, memory]) => resources(`${cpu}m`, `${memory}Mi`)),
    });
    fc.assert(
      fc.property(fc.array(service, { maxLength: 6 }), (services) => {
        const [fault] = headroomFaults(environment({ min: 2, max: 450 }, services), [t3Medium]);
        fc.pre(fault !== undefined);
        const needed = Number(/Raise min to (\d+)/.exec(fault?.message ?? "")?.[1]);
        expect(headroomFaults(environment({ min: needed - 1, max: 450 }, services), [t3Medium])).toHaveLength(1);
        for (const min of [needed, needed + 1, needed + 7]) {
          expect(headroomFaults(environment({ min, max: 450 }, services), [t3Medium])).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("the requests of the daemon sets", () => {
  it("are 180m and 104Mi on every node", () => {
    expect(totalRequests(DAEMON_SETS)).toEqual({ cpuMillis: 180, memoryMiB: 104, pods: DAEMON_SET_PODS });
  });
});

describe("Container Insights", () => {
  const withInsights = (nodeGroup: Parameters<typeof nodeGroupOf>[0]): HeadroomEnvironment => {
    const cluster = { target: "eks", nodeGroup: nodeGroupOf(nodeGroup), containerInsights: { logs: true } };
    const addonEnvironment = { cluster, addons: addonsOf() } as AddonEnvironment;
    return { cluster, services: shop, addonPods: addonPods(addonEnvironment) };
  };

  it("takes 300m and 153Mi more of every node, and a pod of its own", () => {
    expect(totalRequests(daemonSets({ containerInsights: {} }))).toEqual({ cpuMillis: 480, memoryMiB: 257, pods: 6 });
    // Two more pods on the node, and one beside the services.
    expect(headroomFaults(environment({ min: 2, maxPods: 16 }), [t3Medium])).toEqual([]);
    expect(headroomFaults(withInsights({ min: 2, maxPods: 16 }), [t3Medium])).toHaveLength(1);
    expect(headroomFaults(withInsights({ min: 2, maxPods: 20 }), [t3Medium])).toEqual([]);
  });
});

describe("the disruption budgets", () => {
  it.each([
    ["service", /^ {2}maxUnavailable: .* default \(ternary "10%" 1 /m],
    ["traefik", /^ {2}maxUnavailable: 1$/m],
    ["metrics-server", /^ {2}maxUnavailable: 1$/m],
  ])("of charts/%s allow at least one pod to be evicted, so that every node can be drained", (chart, atLeastOne) => {
    const template = readFileSync(join(root, `charts/${chart}/templates/pdb.yaml`), "utf8");
    expect(template).toMatch(atLeastOne);
    expect(template).not.toContain("minAvailable");
  });
});
