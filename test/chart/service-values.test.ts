import { ExecaError } from "execa";
import { describe, expect, it } from "vitest";
import { LEAST, render, renderService, type Values } from "./render.ts";

/** Helm's message for values that it refuses. */
async function refusal(values: Values): Promise<string> {
  try {
    await render("service", values);
  } catch (error) {
    if (error instanceof ExecaError) return String(error.stderr);
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(values)}`);
}

const BESIDE = { name: "beside", resources: LEAST.resources };

describe("values that contradict one another", () => {
  it.each<[Values, RegExp]>([
    [{ replicas: { min: 3, max: 2 } }, /replicas\.max: 2 given.*replicas\.min, 3/],
    [{ replicas: { min: 0, max: 4 } }, /replicas\.min: 0 given with replicas\.max 4/],
    [{ disruption: { maxUnavailable: 0 } }, /disruption\.maxUnavailable: 0 given.*drained/],
    [{ disruption: { maxUnavailable: 2 } }, /disruption\.maxUnavailable: 2 given.*all 2 pods/],
    [{ disruption: { maxUnavailable: "100%" } }, /disruption\.maxUnavailable: 100% given.*all 2 pods/],
    [{ port: undefined, hosts: ["a.example.com"] }, /hosts: a\.example\.com given without a port/],
    [{ volume: { size: "1Gi", mountPath: "/data" } }, /volume: given for kind deployment. Set kind: stateful/],
    [{ probes: { preset: "none" } }, /probes\.preset: none given for a service with a port/],
    [{ port: undefined, probes: { preset: "http" } }, /probes\.preset: http given without a port/],
    [{ probes: { preset: "exec" } }, /probes\.command: required by probes\.preset exec/],
    [{ rollout: { maxSurge: 0 } }, /rollout: maxSurge and maxUnavailable are both 0/],
    [
      { rollout: { maxSurge: 0, maxUnavailable: 1 }, replicas: { min: 1 } },
      /rollout\.maxUnavailable: 1 given.*all 1 pod.*recreate/,
    ],
    [{ rollout: { maxUnavailable: "100%" } }, /rollout\.maxUnavailable: 100% given.*all 2 pod/],
    [{ rollout: { maxSurge: 0, maxUnavailable: "25%" }, replicas: { min: 1 } }, /rollout\.maxUnavailable: 25% given/],
    [{ kind: "stateful", rollout: { maxSurge: 0 } }, /maxSurge 0 .* kind stateful .* Remove both/],
    [{ kind: "stateful", rollout: { maxUnavailable: "50%" } }, /maxUnavailable 50% .* kind stateful/],
    [{ kind: "stateful", rollout: { strategy: "recreate" } }, /rollout\.strategy: recreate given for kind stateful/],
    [{ rollout: { strategy: "recreate", maxSurge: 0 } }, /maxSurge 0 .* strategy recreate/],
    [
      { rollout: { strategy: "recreate" }, shutdown: { drainSeconds: 300 } },
      /progressDeadlineSeconds: 300 given.* 315/,
    ],
    [{ user: 999 }, /user: 999 given; may be a user of the node/],
    [{ files: [{ path: "/a", key: "a" }] }, /filesName: required by files/],
    [{ secretFiles: [{ path: "/a", key: "a" }] }, /secretFilesName: required by the secret file \/a/],
    [{ variables: [{ name: "A", from: "config" }] }, /configName: required by the variable A/],
    [
      { sidecars: [{ ...BESIDE, variables: [{ name: "A", from: "secret" }] }] },
      /secretName: required by the variable A/,
    ],
    [{ tmp: { paths: ["/a", "/a"] } }, /\/a: mounted twice/],
    [{ filesName: "f", files: [{ path: "/tmp", key: "a" }] }, /\/tmp: mounted twice/],
    [{ sidecars: [BESIDE], initContainers: [BESIDE] }, /beside: the name of two containers/],
    [{ sidecars: [{ ...BESIDE, port: 8080 }] }, /sidecars: beside has port 8080, as another container/],
    [{ sidecars: [{ ...BESIDE, probe: {} }] }, /sidecars: beside has a probe without a port/],
    [{ probes: { startupSeconds: 300 } }, /rollout\.progressDeadlineSeconds: 300 given.* 310/],
  ])("%o are refused, with what to do", async (values, message) => {
    expect(await refusal({ ...LEAST, ...values })).toMatch(message);
  });

  it("unless they agree", async () => {
    await expect(renderService({ replicas: { min: 2, max: 2 } })).resolves.not.toEqual([]);
    await expect(renderService({ probes: { startupSeconds: 289 } })).resolves.not.toEqual([]);
    const halves = { maxSurge: 0, maxUnavailable: "50%" };
    await expect(renderService({ rollout: halves, replicas: { min: 2 } })).resolves.not.toEqual([]);
  });
});

describe("values that the schema refuses", () => {
  it.each<[string, Values, RegExp]>([
    ["an unknown key", { replica: 2 }, /additional properties 'replica' not allowed/],
    ["an unknown nested key", { rollout: { surge: 1 } }, /at '\/rollout'.*'surge' not allowed/],
    ["an unknown kind", { kind: "daemon" }, /at '\/kind'/],
    ["an unknown strategy", { rollout: { strategy: "shadow" } }, /at '\/rollout\/strategy'/],
    ["an unknown preset", { probes: { preset: "ftp" } }, /at '\/probes\/preset'/],
    ["a port that is none", { port: 70_000 }, /at '\/port'/],
    ["a bare tag in place of a digest", { image: "registry.example.com/shop:v1" }, /at '\/image'/],
    ["a config by value", { config: { PAGE_SIZE: "20" } }, /additional properties 'config' not allowed/],
  ])("%s: with the place", async (_, values, message) => {
    expect(await refusal({ ...LEAST, ...values })).toMatch(message);
  });

  it.each(["release", "image", "resources"])("a missing %s: with its name", async (key) => {
    const { [key]: _, ...values } = LEAST as Values;
    expect(await refusal(values)).toContain(key);
  });

  it.each([
    ["requests.cpu", { requests: { memory: "64Mi" }, limits: { memory: "64Mi" } }],
    ["requests.memory", { requests: { cpu: "1" }, limits: { memory: "64Mi" } }],
    ["limits.memory", { requests: { cpu: "1", memory: "64Mi" } }],
  ])("a missing resources.%s: with its name", async (field, resources) => {
    expect(await refusal({ ...LEAST, resources })).toContain(field.split(".")[1]);
  });
});
