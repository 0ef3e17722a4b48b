import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { totalOf } from "../../../../components/aws/cluster/workload.ts";
import { type HeadroomEnvironment, headroomFaults } from "../../../../components/aws/nodes/headroom.ts";
import { clusterPods, NODE_PODS } from "../../../../components/aws/nodes/system-pods.ts";
import type { Environment } from "../../../../config/index.ts";
import { t3Large, t3Medium } from "./instance-types.ts";

const root = join(import.meta.dirname, "../../../..");
const asking = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { memory } });
const shop = [
  { name: "web", replicas: { min: 2 }, resources: asking("50m", "96Mi") },
  { name: "orders", resources: asking("50m", "48Mi") },
];

function environment(
  given: Partial<HeadroomEnvironment["cluster"]["nodeGroup"]> & { autoscaler?: string | undefined },
  services: HeadroomEnvironment["services"] = shop,
  addons?: object,
): HeadroomEnvironment {
  const cluster = { target: "eks", nodeGroup: { min: 2, max: 8, ...given } };
  return { cluster, services, systemPods: clusterPods({ cluster, addons } as unknown as Environment) };
}

describe("headroomFaults", () => {
  it("is content when all but one of the least nodes hold everything", () => {
    expect(headroomFaults(environment({ min: 2 }), [t3Medium])).toEqual([]);
  });

  it("says what is short and how many nodes would do", () => {
    const services = [...shop, { name: "search", replicas: { min: 3 }, resources: asking("400m", "600Mi") }];
    expect(headroomFaults(environment({ min: 2 }, services), [t3Medium])).toEqual([
      {
        path: ["cluster", "nodeGroup", "min"],
        message:
          "with one of 2 nodes gone, the rest (1 × t3.medium, together 1750m CPU, 2779Mi memory, 46 pods) do not hold " +
          "what runs at least (2070m CPU, 3084Mi memory, 15 pods): the service web finds no place. Raise min to 3, take larger " +
          "instanceTypes, lower the services' resources.requests or replicas.min, or do without: headroom: none",
      },
    ]);
    expect(headroomFaults(environment({ min: 3 }, services), [t3Medium])).toEqual([]);
  });

  it("counts pods, not only what they ask", () => {
    const services = Array.from({ length: 25 }, (_, i) => ({ name: `s${i}`, resources: asking("1m", "1Mi") }));
    expect(headroomFaults(environment({ maxPods: 50 }, services), [t3Medium])).toHaveLength(1);
    expect(headroomFaults(environment({ maxPods: 70 }, services), [t3Medium])).toEqual([]);
  });

  it("takes the chart's least replicas where the service gives none", () => {
    const at = (replicas?: { min: number }) =>
      headroomFaults(environment({}, [{ name: "api", replicas, resources: asking("600m", "64Mi") }]), [t3Medium]);
    expect(at({ min: 1 })).toEqual([]);
    expect(at()).toEqual(at({ min: 2 }));
    expect(at({ min: 3 })).toHaveLength(1);
  });

  it("goes by the least of several types", () => {
    const services = [{ name: "api", resources: asking("100m", "1Gi") }];
    expect(headroomFaults(environment({}, services), [t3Large])).toEqual([]);
    expect(headroomFaults(environment({}, services), [t3Large, t3Medium])[0]?.message).toContain(
      "1 × the least of t3.large, t3.medium",
    );
  });

  it("counts the add-ons that run, and no others", () => {
    const services = [{ name: "api", replicas: { min: 1 }, resources: asking("1200m", "64Mi") }];
    expect(headroomFaults(environment({}, services), [t3Medium])).toHaveLength(1);
    expect(headroomFaults(environment({}, services, { metricsServer: { enabled: false } }), [t3Medium])).toEqual([]);
  });

  it("counts the cluster-autoscaler where it sets the number of nodes", () => {
    const services = [{ name: "api", replicas: { min: 1 }, resources: asking("1100m", "64Mi") }];
    for (const autoscaler of [undefined, "cpu-asg", "none"] as const) {
      expect(headroomFaults(environment({ autoscaler }, services), [t3Medium])).toEqual([]);
    }
    const faults = headroomFaults(environment({ autoscaler: "cluster-autoscaler" }, services), [t3Medium]);
    expect(faults.map(({ path }) => path.join("."))).toEqual(["cluster.nodeGroup.min"]);
    const micro = { ...t3Medium, instanceType: "t3.tiny", memoryMiB: 1380 };
    const [fault] = headroomFaults(environment({ autoscaler: "cluster-autoscaler" }, []), [micro]);
    expect(fault?.message).toContain("too small for the add-on cluster-autoscaler");
  });

  it("lets an ingress controller's pods wait that are kept apart, and no others", () => {
    const [apart, together] = [2, 3].map((replicas) => {
      const services = [{ name: "api", replicas: { min: 1 }, resources: asking("1050m", "64Mi") }];
      return headroomFaults(environment({ min: 2 }, services, { traefik: { replicas } }), [t3Medium]);
    });
    expect(apart).toEqual([]);
    expect(together?.map(({ path }) => path.join("."))).toEqual(["cluster.nodeGroup.min"]);
  });

  it("wants two nodes", () => {
    expect(headroomFaults(environment({ min: 1 }), [t3Medium])).toEqual([
      { path: ["cluster", "nodeGroup", "min"], message: expect.stringContaining("Take 2 or more") },
    ]);
  });

  it("can be done without, but for a pod that no node has room for", () => {
    const heavy = [{ name: "heavy", replicas: { min: 9 }, resources: asking("1", "1Gi") }];
    expect(headroomFaults(environment({ min: 1, headroom: "none" }, heavy), [t3Medium])).toEqual([]);
    const huge = [{ name: "huge", replicas: { min: 1 }, resources: asking("2", "1Gi") }];
    for (const headroom of ["node", "none"] as const) {
      expect(headroomFaults(environment({ min: 9, headroom }, huge), [t3Medium])).toEqual([
        {
          path: ["services", "huge", "resources", "requests"],
          message:
            "no node has room for such a pod: a node of t3.medium has 1750m CPU, 2779Mi memory, 46 pods to give. " +
            "Lower it, or take larger types",
        },
      ]);
    }
  });

  it("names an instance type that is too small for an add-on, and a maxPods that the daemon sets use up", () => {
    const micro = { ...t3Medium, instanceType: "t3.micro", memoryMiB: 1024 };
    expect(headroomFaults(environment({}, []), [micro])).toEqual([
      {
        path: ["cluster", "nodeGroup", "instanceTypes"],
        message: expect.stringMatching(/^too small for the add-on coredns: a node of t3\.micro has/),
      },
    ]);
    expect(headroomFaults(environment({ maxPods: 4 }), [t3Medium])).toEqual([
      { path: ["cluster", "nodeGroup", "maxPods"], message: expect.stringContaining("4 pods already") },
    ]);
  });

  it("reports a quantity that is none where it stands", () => {
    const services = [{ name: "api", resources: asking("1K", "1ki") }];
    expect(headroomFaults(environment({}, services), [t3Medium]).map(({ path }) => path.join("."))).toEqual([
      "services.api.resources.requests.cpu",
      "services.api.resources.requests.memory",
    ]);
  });

  it("asks for more nodes when max is below them, and for no number when none would do", () => {
    const many = (pods: number) => [{ name: "api", replicas: { min: pods }, resources: asking("900m", "64Mi") }];
    expect(headroomFaults(environment({ max: 3 }, many(8)), [t3Medium])[0]?.message).toContain("and max with it, take");
    expect(headroomFaults(environment({}, many(1000)), [t3Medium])[0]?.message).toMatch(/no place\. Take larger/);
  });

  it("says the least number of nodes with which it is content, and is content with every larger one", () => {
    const service = fc.record({
      name: fc.constantFrom("a", "b", "c"),
      replicas: fc.record({ min: fc.integer({ min: 1, max: 12 }) }),
      resources: fc
        .tuple(fc.integer({ min: 10, max: 1700 }), fc.integer({ min: 16, max: 2700 }))
        .map(([cpu, memory]) => asking(`${cpu}m`, `${memory}Mi`)),
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

describe("the daemon sets", () => {
  it("request 180m and 104Mi on every node", () => {
    expect(totalOf(NODE_PODS)).toEqual({ cpuMillis: 180, memoryMiB: 104, pods: 4 });
  });
});

describe("the disruption budgets", () => {
  it.each(["service", "traefik", "metrics-server"])(
    "of charts/%s let a pod go, so that every node can be drained",
    (chart) => {
      const template = readFileSync(join(root, `charts/${chart}/templates/pdb.yaml`), "utf8");
      expect(template).toMatch(/^ {2}maxUnavailable: 1$/m);
      expect(template).not.toContain("minAvailable");
    },
  );
});
