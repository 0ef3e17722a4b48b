import { describe, expect, it } from "vitest";
import { formatSpread, formatUneven } from "../../../delivery/spread/format.ts";
import { mayBeUneven, spreadOf } from "../../../delivery/spread/spread.ts";
import { node, pod } from "./objects.ts";

const a = node("a");
const b = node("b");
/** Pods of api, one on each named node. */
const on = (...names: string[]) => names.map((name) => pod(name));
const unevenOf = (pods = on("a", "a"), nodes = [a, b]) => spreadOf(pods, { nodes, pods }).uneven;

describe("the spread of a service", () => {
  it("is the number of its pods on each node, most first", () => {
    const { nodes, zones } = spreadOf(on("b", "a", "b"), { nodes: [a, b], pods: [] });
    expect(Object.entries(nodes)).toEqual([
      ["b", 2],
      ["a", 1],
    ]);
    expect(zones).toEqual({});
  });

  it("is uneven from two pods more than a node with room on", () => {
    expect(unevenOf(on("a", "a"))).toEqual({ over: "nodes", from: "a", fromPods: 2, to: "b", toPods: 0, node: "b" });
    expect(unevenOf(on("a"))).toBeUndefined();
    expect(unevenOf(on("a", "a", "b"))).toBeUndefined();
    expect(unevenOf(on("a", "a", "a", "b"))).toMatchObject({ fromPods: 3, toPods: 1 });
  });

  it.each([
    ["is closed", node("b", { spec: { unschedulable: true } })],
    ["is not ready", node("b", { ready: false })],
    ["has a taint", node("b", { spec: { taints: [{ key: "gpu", effect: "NoSchedule" }] } })],
    ["has too little CPU", node("b", { cpu: "200m" })],
  ])("is not uneven because of a node that %s", (_, other) => {
    expect(unevenOf(on("a", "a"), [a, other])).toBeUndefined();
  });

  it("counts what other pods have reserved, sidecars and init containers too", () => {
    const own = on("a", "a");
    const reserved = (spec: object) => spreadOf(own, { nodes: [a, b], pods: [...own, pod("b", { spec })] }).uneven;
    const container = (cpu: string, more = {}) => ({ name: "c", resources: { requests: { cpu } }, ...more });
    const sidecar = { restartPolicy: "Always" };
    expect(reserved({ containers: [container("700m")] })).toBeDefined();
    expect(reserved({ containers: [container("800m")] })).toBeUndefined();
    expect(reserved({ containers: [container("500m")], initContainers: [container("300m", sidecar)] })).toBeUndefined();
    expect(reserved({ containers: [container("100m")], initContainers: [container("800m")] })).toBeUndefined();
    expect(reserved({ containers: [container("500m")], initContainers: [container("300m")] })).toBeDefined();
  });

  it("counts a node only if the pod may run there", () => {
    const tainted = node("b", { spec: { taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }] } });
    const soft = node("b", { spec: { taints: [{ key: "gpu", effect: "PreferNoSchedule" }] } });
    const uneven = (spec: object, other: typeof b) =>
      unevenOf([pod("a", { spec }), pod("a", { spec })], [a, other]) !== undefined;
    expect(uneven({}, soft)).toBe(true);
    expect(uneven({ tolerations: [{ key: "gpu", operator: "Exists" }] }, tainted)).toBe(true);
    expect(uneven({ tolerations: [{ key: "gpu", value: "yes" }] }, tainted)).toBe(true);
    expect(uneven({ tolerations: [{ key: "gpu", value: "no" }] }, tainted)).toBe(false);
    expect(uneven({ tolerations: [{ key: "gpu", operator: "Exists", effect: "NoExecute" }] }, tainted)).toBe(false);
    expect(uneven({ nodeSelector: { disk: "ssd" } }, b)).toBe(false);
    expect(uneven({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } } }, b)).toBe(
      false,
    );
  });

  it("is uneven over zones too, although each node has one pod", () => {
    const nodes = [1, 2, 3].map((number) => node(`a${number}`, { zone: "a" }));
    const pods = on("a1", "a2", "a3");
    const spread = spreadOf(pods, { nodes: [...nodes, node("b1", { zone: "b" })], pods });
    expect(spread.uneven).toEqual({ over: "zones", from: "a", fromPods: 3, to: "b", toPods: 0, node: "b1" });
    expect(mayBeUneven(spread, [...nodes, node("b1", { zone: "b" })])).toBe(true);
  });

  it("may only be uneven if a number is two above another: then all pods of the cluster are read", () => {
    const spread = (...names: string[]) => spreadOf(on(...names), { nodes: [a, b], pods: undefined });
    expect(spread("a", "a", "a").uneven).toBeUndefined();
    expect(mayBeUneven(spread("a", "a"), [a, b])).toBe(true);
    expect(mayBeUneven(spread("a", "a", "b"), [a, b])).toBe(false);
    expect(mayBeUneven(spread("a", "a", "b"), [a, b, node("c")])).toBe(true);
    expect(mayBeUneven(spread("a"), [a, b])).toBe(false);
  });
});

describe("a line for people", () => {
  const zoned = [node("a", { zone: "x" }), node("b", { zone: "x" }), node("c", { zone: "y" })];
  const of = (...names: string[]) => spreadOf(on(...names), { nodes: zoned, pods: undefined });
  const plain = (...names: string[]) => spreadOf(on(...names), { nodes: [a, b], pods: undefined });

  it("says how many pods run on how many nodes and zones", () => {
    expect(formatSpread("api", plain("a", "a", "b"))).toBe("api: 3 pods on 2 nodes (2, 1)");
    expect(formatSpread("api", plain("a"))).toBe("api: 1 pod on 1 node (1)");
    expect(formatSpread("api", of("a", "b", "c"))).toBe("api: 3 pods on 3 nodes (1, 1, 1) in 2 zones (2, 1)");
    expect(formatSpread("api", of("a", "c"))).toBe("api: 2 pods on 2 nodes (1, 1)");
  });

  it("says what was before if it differs", () => {
    expect(formatSpread("api", plain("a", "b"), plain("a", "a"))).toBe(
      "api: 2 pods on 2 nodes (1, 1); before on 1 node (2)",
    );
    expect(formatSpread("api", plain("a", "b"), plain("b", "a"))).not.toContain("before");
    expect(formatSpread("api", plain("a", "b"), plain())).not.toContain("before");
  });

  it("names the crowded place and the one with room", () => {
    const uneven = { from: "a", fromPods: 3, to: "b", toPods: 1, node: "n" };
    expect(formatUneven("api", { over: "nodes", ...uneven })).toBe(
      "api: a runs 3 of its pods, and b has room and runs 1",
    );
    expect(formatUneven("api", { over: "zones", ...uneven })).toMatch(
      /zone a runs 3 .* zone b has room on n and runs 1/,
    );
  });
});
