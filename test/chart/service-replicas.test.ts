import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { ClusterReader } from "../../components/cluster/reader.ts";
import { unpinReplicas } from "../../components/rollout/unpin-replicas.ts";
import type { Environment } from "../../config/index.ts";
import { program } from "../programs.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { chartFolder, LEAST, NAME, type Values } from "./render.ts";

/** How charts/service gave the number of pods before every service had an autoscaler. */
const EARLIER = `{{- define "service.replicas" -}}
{{- if le (int (.Values.replicas.max | default 0)) (int .Values.replicas.min) }}replicas: {{ .Values.replicas.min }}{{ end -}}
{{- end }}
`;

let api: ApiServer;
let reader: ClusterReader;
let folder: string;
let earlierChart: string;
let namespace: string;
let kind: "deployment" | "statefulset";
let count = 0;

beforeAll(async () => {
  api = await startApiServer();
  vi.stubEnv("KUBECONFIG", api.kubeconfig);
  reader = ClusterReader.ofKubeconfig(readFileSync(api.kubeconfig, "utf8"));
  folder = mkdtempSync(join(tmpdir(), "slipway-chart-"));
  earlierChart = join(folder, "service");
  cpSync(chartFolder("service"), earlierChart, { recursive: true });
  const scaling = join(earlierChart, "templates/_scaling.tpl");
  const [others] = readFileSync(scaling, "utf8").split('{{- define "service.replicas"');
  writeFileSync(scaling, `${others}${EARLIER}`);
  vi.spyOn(pulumi.log, "debug").mockResolvedValue();
}, 120_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await api?.stop();
});

beforeEach(async () => {
  namespace = `replicas-${++count}`;
  kind = "deployment";
  await kubectl("create", "namespace", namespace);
});

async function kubectl(...args: string[]): Promise<string> {
  return (await execa(program("kubectl"), args)).stdout;
}

/** As Helm of a deploy does it, but without waiting: this API has no controllers. */
function deploy(values: Values, { chart = chartFolder("service"), flags = [] as string[] } = {}) {
  const args = ["upgrade", NAME, chart, "--install", "--namespace", namespace, ...flags, "-f", "-"];
  return execa(program("helm"), args, { input: stringify({ ...LEAST, ...values }) });
}

async function deployAndFail(values: Values): Promise<void> {
  const failing = deploy(values, { flags: ["--atomic", "--timeout", "2s"] });
  // The rollback is applied, and then it waits for pods too.
  await expect(failing).rejects.toThrow(/an error occurred while rolling back the release/);
}

const unpin = (replicas = { min: 1, max: 1 }) =>
  unpinReplicas(reader, { namespace, services: [{ name: NAME, replicas }] } as unknown as Environment);
const scale = (replicas: number) => kubectl("scale", kind, NAME, "-n", namespace, `--replicas=${replicas}`);
const replicas = async () =>
  Number(await kubectl("get", kind, NAME, "-n", namespace, "-o", "jsonpath={.spec.replicas}"));

/** Every number of pods that the workload has while this happens. */
async function replicasDuring(happening: () => Promise<unknown>): Promise<number[]> {
  const seen: number[] = [await replicas()];
  const args = ["get", kind, NAME, "-n", namespace, "-o", 'jsonpath={.spec.replicas}{"\\n"}', "--watch"];
  const watch = execa(program("kubectl"), args, { reject: false, buffer: false });
  watch.stdout.on("data", (data: Buffer) => seen.push(...(data.toString().match(/\d+/g) ?? []).map(Number)));
  await vi.waitFor(() => expect(seen.length).toBeGreaterThan(1), { timeout: 10_000 });
  await happening();
  // A last change of the workload: when it has been seen, so have all before it.
  const before = seen.length;
  await kubectl("annotate", kind, NAME, "-n", namespace, `seen=${++count}`, "--overwrite");
  await vi.waitFor(() => expect(seen.length).toBeGreaterThan(before), { timeout: 10_000 });
  watch.kill();
  await watch;
  return [...new Set(seen)];
}

describe("a service of an earlier chart, with 20 pods", () => {
  const fixed = { replicas: { min: 20, max: 20 } };
  const autoscaled = { release: "v2", replicas: { min: 20, max: 30 } };
  beforeEach(async () => {
    await deploy(fixed, { chart: earlierChart });
    expect(await replicas()).toBe(20);
  });

  it("keeps them when it becomes autoscaled", async () => {
    expect(
      await replicasDuring(async () => {
        await unpin();
        await deploy(autoscaled);
      }),
    ).toEqual([20]);
  });

  it("would have one without the step before the deploy", async () => {
    expect(await replicasDuring(() => deploy(autoscaled))).toEqual([20, 1]);
  });

  it("keeps them when only the chart changes", async () => {
    await unpin();
    expect(await replicasDuring(() => deploy({ ...fixed, release: "v2" }))).toEqual([20]);
  });

  it("keeps them when the deploy fails and is rolled back", async () => {
    await unpin();
    expect(await replicasDuring(() => deployAndFail(autoscaled))).toEqual([20]);
  });
});

describe.each(["deployment", "statefulset"] as const)("a %s that the autoscaler has scaled from 3 to 9", (workload) => {
  const values = { kind: workload === "statefulset" ? "stateful" : "deployment", replicas: { min: 3, max: 12 } };
  beforeEach(async () => {
    kind = workload;
    await deploy(values);
    expect(await replicas()).toBe(3);
    await scale(9);
  });

  it.each([
    ["its next release", {}],
    ["a fixed number, which the autoscaler then sets", { replicas: { min: 5 } }],
  ])("keeps 9 for %s, and when that is rolled back", async (_, change) => {
    await unpin();
    expect(await replicasDuring(() => deployAndFail({ ...values, release: "v2", ...change }))).toEqual([9]);
    await unpin();
    expect(await replicasDuring(() => deploy({ ...values, release: "v3", ...change }))).toEqual([9]);
  });

  it("keeps 9 if its Helm records are deleted and it is adopted", async () => {
    await kubectl("delete", "secret", "-n", namespace, "-l", `owner=helm,name=${NAME}`);
    expect(await replicasDuring(() => deploy(values))).toEqual([9]);
  });

  it("has 9 again if the workload was deleted by hand", async () => {
    const status = JSON.stringify({ status: { desiredReplicas: 9, currentReplicas: 9 } });
    await kubectl("patch", "hpa", NAME, "-n", namespace, "--subresource=status", "--type=merge", "-p", status);
    await kubectl("delete", kind, NAME, "-n", namespace, "--cascade=background");
    await unpin();
    await deploy(values);
    expect(await replicas()).toBe(9);
  });

  it("starts its least number again if somebody has set 0, and keeps what the autoscaler makes of it", async () => {
    await scale(0);
    await unpin();
    await deploy({ ...values, release: "v2" });
    expect(await replicas()).toBe(3);
    await scale(7);
    await unpin();
    expect(await replicasDuring(() => deploy({ ...values, release: "v3" }))).toEqual([7]);
  });
});

describe("a pause", () => {
  const running = { replicas: { min: 3, max: 6 } };
  const paused = { release: "v2", replicas: { min: 0 } };
  beforeEach(async () => {
    await deploy(running);
    await unpin();
    await deploy(paused);
  });

  it("stops all pods, takes the autoscaler away, and ends at the least number", async () => {
    expect(await replicas()).toBe(0);
    expect(await kubectl("get", "hpa,pdb", "-n", namespace, "-o", "name")).toBe("");
    await unpin();
    expect(await replicasDuring(() => deploy({ ...running, release: "v3" }))).toEqual([0, 3]);
    await unpin();
    await scale(5);
    expect(await replicasDuring(() => deploy({ ...running, release: "v4" }))).toEqual([5]);
  });

  it("goes on if the release that ends it fails", async () => {
    await unpin();
    expect(await replicasDuring(() => deployAndFail({ ...running, release: "v3" }))).toEqual([0, 3]);
    expect(await replicas()).toBe(0);
  });
});
